import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { writeOnnxEnlarger } from '../../testing/graph/onnx-enlarger-file';
import { readWrongOutput, wrongOutput } from './output-shape';

type Shape = [number, number, number, number];

const ends = (output: Shape, input: Shape = [1, 3, 16, 16]) => ({
  input: { name: 'picture', shape: input },
  output: { name: 'large', shape: output },
});

describe('an output of another shape', () => {
  test.each<[string, number[], string, number | undefined]>([
    ['another factor', [1, 3, 32, 32], 'The network enlarges by 2, not by 4.', 2],
    ['no enlargement', [1, 3, 16, 16], 'The network enlarges by 1, not by 4.', 1],
    ['other channels', [1, 4, 32, 32], 'gave [1,4,32,32], expected [1,3,64,64]', undefined],
    ['two pictures', [2, 3, 32, 32], 'gave [2,3,32,32]', undefined],
    ['directions that differ', [1, 3, 16, 32], 'gave [1,3,16,32]', undefined],
    ['the width alone', [1, 3, 32, 64], 'gave [1,3,32,64]', undefined],
    ['a border that is gone', [1, 3, 60, 60], 'gave [1,3,60,60]', undefined],
    ['nothing', [1, 3, 0, 0], 'gave [1,3,0,0]', undefined],
    ['other dimensions', [3, 64, 64], 'gave [3,64,64]', undefined],
  ])('%s', (_, found, message, factor) => {
    const error = wrongOutput(ends([1, 3, 64, 64]), found);
    expect(error.code).toBe('bad-weights');
    expect(error.message).toContain(message);
    expect(error.detail.factor).toBe(factor);
  });

  test('is read from what the installed onnxruntime throws where a tensor for the output is given', async () => {
    const session = await ort.InferenceSession.create(writeOnnxEnlarger({ scale: 2 }));
    const tensor = (side: number) =>
      new ort.Tensor('float32', new Float32Array(3 * side * side), [1, 3, side, side]);
    const thrown = await session.run({ picture: tensor(16) }, { large: tensor(64) }).catch((error) => error);
    expect(thrown).toBeInstanceOf(Error);
    const error = readWrongOutput(ends([1, 3, 64, 64]), thrown);
    expect(error?.message).toBe('The network enlarges by 2, not by 4.');
    await session.release();
  });

  test('is not taken for another error', () => {
    expect(readWrongOutput(ends([1, 3, 64, 64]), new Error('Device is lost.'))).toBeUndefined();
  });
});
