import { describe, expect, test } from 'vitest';
import { checkpoint } from '../../testing/engine/checkpoint-engine';
import { writeOnnxEnlarger } from '../../testing/graph/onnx-enlarger-file';
import { ElementType } from '../onnx/onnx-proto';
import { beginsAsOnnx, readOnnxEnlarger } from './read-onnx-enlarger';

describe('readOnnxEnlarger', () => {
  test('finds names, factor and width of a network for any size', () => {
    expect(readOnnxEnlarger(writeOnnxEnlarger({ scale: 2 }))).toEqual({
      input: 'picture',
      output: 'large',
      scale: 2,
      width: 16,
      lateWidth: 3,
    });
    expect(readOnnxEnlarger(writeOnnxEnlarger({ scale: 2, secret: true }))).not.toHaveProperty('scale');
  });

  test('finds size and factor of a network for one size', () => {
    expect(readOnnxEnlarger(writeOnnxEnlarger({ scale: 4, edge: 64 }))).toMatchObject({ edge: 64, scale: 4 });
  });

  test.each([
    ['half precision', { scale: 2, type: ElementType.float16 }, 'numbers that are not float32'],
    ['one channel', { scale: 2, channels: 1 }, 'three channels'],
  ])('refuses %s', (_, file, says) => {
    expect(() => readOnnxEnlarger(writeOnnxEnlarger(file))).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(says) }),
    );
  });

  test('refuses half a file', () => {
    const bytes = writeOnnxEnlarger({ scale: 2 });
    expect(() => readOnnxEnlarger(bytes.subarray(0, bytes.length / 2))).toThrow('not a whole ONNX model');
  });
});

test('a safetensors file is not taken for ONNX, whatever the length of its header', () => {
  expect(beginsAsOnnx(writeOnnxEnlarger({ scale: 2 }))).toBe(true);
  expect(beginsAsOnnx(checkpoint({ x: [2] }))).toBe(false);
  expect(beginsAsOnnx(Uint8Array.of(8, 8, 0, 0, 0, 0, 0, 0, 0x7b))).toBe(false);
});
