import { expect, it } from 'vitest';
import { fileOf, flux1, flux2, guessOf, tensorOf } from '../../testing/latent/peoples-files';
import { readLatents } from '../index';
import { packItem } from '../shape/unpack';

const NAME = 'latents_1x32x32_float32';
const patches = packItem(flux2.data, flux2.dims, 'patchified');
const unscaled = flux1.data.map((value) => value / 0.3611 + 0.1159);

it.each([
  ['flux_kontext', 'model', tensorOf(NAME, [...flux1.dims], flux1.data), flux1],
  ['z_image', 'decoder', tensorOf(NAME, [...flux1.dims], unscaled), flux1],
  ['flux_2_klein_4b', 'model', tensorOf(NAME, [128, 16, 16], patches), flux2],
  ['ernie_image', 'model', tensorOf(NAME, [128, 16, 16], patches), flux2],
] as const)('the cache of %s is in %s space', (architecture, space, tensor, { family, data }) => {
  const [latent] = readLatents(fileOf([tensor], { metadata: { architecture } }));
  expect(latent).toMatchObject({ family, provenance: { space, writer: 'musubi-tuner' } });
  expect(guessOf(latent, 'space').confidence).toBe(0.95);
  latent!.data.forEach((value, at) => {
    expect(value).toBeCloseTo(data[at]!, 5);
  });
});

it('the space of another architecture of a family that is read is guessed by the values', () => {
  const tensor = tensorOf(NAME, [...flux1.dims], flux1.data);
  const [latent] = readLatents(fileOf([tensor], { metadata: { architecture: 'lumina_next' } }));
  expect(latent).toMatchObject({ family: 'flux1', provenance: { writer: 'musubi-tuner', space: 'model' } });
  expect(guessOf(latent, 'space').confidence).toBeLessThan(0.95);
});
