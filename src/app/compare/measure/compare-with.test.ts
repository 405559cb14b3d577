import { expect, it } from 'vitest';
import { sizeToCompare } from './compare-with';

it.each([
  ['a reference of its size', [1024, 512], [1024, 512], 1024, [1024, 512]],
  ['a reference of another size', [1024, 512], [2048, 1024], 2048, [1024, 512]],
  ['a reference of its size whose copy was reduced', [6144, 4096], [4096, 2731], 6144, [4096, 2731]],
  ['a larger reference whose copy still has all of it', [2048, 2048], [4096, 4096], 8192, [2048, 2048]],
] as const)('compares a picture with %s', (_, picture, canvas, width, expected) => {
  const sizeOf = ([columns, rows]: readonly [number, number]) => ({ width: columns, height: rows });
  expect(sizeToCompare(sizeOf(picture), { canvas: sizeOf(canvas), width })).toEqual(sizeOf(expected));
});
