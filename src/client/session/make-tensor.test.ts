import { expect, it, vi } from 'vitest';
import { codeOf } from '../../testing/error-of';
import { joinBuffers, type PictureTensor } from './make-tensor';

it('refuses a batch on the GPU whose second picture would begin between two words', () => {
  const destroy = vi.fn();
  const half = {
    dims: [1, 3, 9, 9],
    dtype: 'float16',
    gpuBuffer: { destroy },
    device: {},
  } as unknown as PictureTensor;
  expect(codeOf(() => joinBuffers([half, half]))).toBe('bad-option');
  // Nobody else knows of them.
  expect(destroy).toHaveBeenCalledTimes(2);
});

it('joins what lies in arrays, one picture after the other', () => {
  const picture = (value: number): PictureTensor => ({
    dims: [1, 3, 1, 1],
    dtype: 'float16',
    data: new Uint16Array(3).fill(value),
  });
  expect(joinBuffers([picture(1), picture(2)])).toEqual({
    dims: [2, 3, 1, 1],
    dtype: 'float16',
    data: new Uint16Array([1, 1, 1, 2, 2, 2]),
  });
});
