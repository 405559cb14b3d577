import { afterEach, expect, test, vi } from 'vitest';
import type { Engine } from '../../engine/api';
import type { Picture } from '../../engine/types';
import { makeLatent, makeTestModels } from '../../testing/engine/test-models';
import { encodeInput } from './encode-input';
import { asPicture } from './read-input';

vi.mock('./decode-picture', () => ({
  decodePicture: async ({ width, height, data }: ImageData): Promise<Picture> => ({
    width,
    height,
    rgba: data,
  }),
}));

afterEach(() => void vi.restoreAllMocks());

test('the pixels of a canvas are encoded for the family that is asked for', async () => {
  const data = new Uint8ClampedArray(16 * 16 * 4).fill(9);
  const pixels = { width: 16, height: 16, data, [Symbol.toStringTag]: 'ImageData' } as unknown as ImageData;
  const encode = vi.fn(async (_picture: Picture, _options: object) => makeLatent('sdxl', 2, 2));
  const picture = await asPicture(pixels);
  expect(picture).toBe(pixels);
  const latent = await encodeInput(
    { encode } as unknown as Engine,
    makeTestModels(['flux1', 'sdxl']).catalog,
    picture!,
    { family: 'sdxl' },
    { onProgress: () => {} },
  );
  expect(encode.mock.calls[0]).toMatchObject([{ width: 16, height: 16, rgba: data }, { family: 'sdxl' }]);
  expect(latent.provenance.guesses.at(-1)).toMatchObject({ what: 'family', value: 'sdxl', confidence: 1 });
});

test.each([
  [['sdxl', 'flux1', 'flux2'], 'flux2'],
  [['sdxl', 'flux1'], 'flux1'],
  [['sd15'], 'sd15'],
  [[], 'flux2'],
] as const)('with encoders for %j a picture without a family is encoded for %s', async (families, chosen) => {
  const data = new Uint8ClampedArray(16 * 16 * 4);
  const pixels = { width: 16, height: 16, data } as unknown as ImageData;
  const encode = vi.fn(async (_picture: Picture, _options: object) => makeLatent('sd15', 2, 2));
  const { catalog } = makeTestModels([...families]);
  const latent = await encodeInput(
    { encode } as unknown as Engine,
    catalog,
    pixels,
    {},
    { onProgress: () => {} },
  );
  expect(encode.mock.calls[0]![1]).toMatchObject({ family: chosen });
  expect(latent.provenance.guesses.at(-1)).toMatchObject({ what: 'family', value: chosen });
});
