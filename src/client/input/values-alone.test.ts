import { expect, it } from 'vitest';
import { valuesAlone } from './values-alone';

it.each([
  ['an array that fills its buffer', new Uint8Array(8)],
  ['a Blob', new Blob(['x'])],
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a tensor that fills its buffer', { data: new Float32Array(4), dims: [4, 1, 1] }],
])('leaves %s as it is', (_, input) => {
  expect(valuesAlone(input)).toBe(input);
});

it('copies bytes out of a larger buffer, those of a Node Buffer too', () => {
  const pool = new Uint8Array([1, 2, 3, 4, 5]);
  for (const view of [pool.subarray(1, 3), Buffer.from(pool.buffer, 1, 2)]) {
    const alone = valuesAlone(view) as Uint8Array;
    expect([...alone]).toEqual([2, 3]);
    expect(alone.buffer.byteLength).toBe(2);
  }
});

it('copies values out of memory that threads share, which cannot be moved', () => {
  const data = new Uint16Array(new SharedArrayBuffer(4)) as unknown as Uint16Array<ArrayBuffer>;
  data.set([7, 9]);
  const alone = valuesAlone({ data, dims: [2, 1, 1], dtype: 'float16' });
  expect(alone).toEqual({ data: new Uint16Array([7, 9]), dims: [2, 1, 1], dtype: 'float16' });
  expect((alone as { data: Uint16Array }).data.buffer).toBeInstanceOf(ArrayBuffer);
});
