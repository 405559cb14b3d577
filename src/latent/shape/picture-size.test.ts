import { expect, test } from 'vitest';
import { pictureSizeOf } from './picture-size';

const provenance = { container: 'npy', writer: 'test', space: 'model', guesses: [] } as const;
const latent = { family: 'sdxl', dims: [4, 3, 5], provenance } as unknown as Parameters<
  typeof pictureSizeOf
>[0];

test('a latent is as large as its family decodes it', () => {
  expect(pictureSizeOf(latent, 1)).toEqual({ width: 40, height: 24 });
  expect(pictureSizeOf(latent, 1.5)).toEqual({ width: 60, height: 36 });
});

test('a latent of a picture has the size of that picture', () => {
  const made = { ...latent, provenance: { ...latent.provenance, picture: { width: 37, height: 21 } } };
  expect(pictureSizeOf(made, 2)).toEqual({ width: 74, height: 42 });
  // Half a pixel is a pixel: 45 x 1.5 = 67.5.
  const odd = { ...latent, provenance: { ...latent.provenance, picture: { width: 45, height: 31 } } };
  expect(pictureSizeOf(odd, 1.5)).toEqual({ width: 68, height: 47 });
});
