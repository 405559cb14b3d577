import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeapError } from '../errors';
import { readTensorFile, toFloat32 } from '../formats';
import { FAMILIES, latentFromRaw, readLatents, writeLatent } from './index';
import type { FamilyId, Latent } from './types';

/** Values from a plain generator, about N(0, 1) in model space. */
function latentOf(family: FamilyId, height: number, width: number): Latent {
  const dims = [FAMILIES[family].channels, height, width];
  const data = Float32Array.from(
    { length: dims[0]! * height * width },
    (_, i) => Math.sin(i * 12.9898) * 1.7,
  );
  return latentFromRaw({ data, dims }, { family, space: 'model', layout: 'unpacked' })[0]!;
}

const families = Object.keys(FAMILIES) as FamilyId[];

describe('writing and reading back', () => {
  it.each(families)('%s as safetensors is exact, and nothing is guessed', (family) => {
    const latent = latentOf(family, 6, 8);
    latent.provenance.history.push('lua x2');
    const [back] = readLatents(readTensorFile(writeLatent(latent, 'safetensors')));
    expect(back!.data).toEqual(latent.data);
    expect(back).toMatchObject({ family, dims: latent.dims });
    expect(back!.provenance).toMatchObject({ writer: 'Latent Leap', space: 'model', history: ['lua x2'] });
    expect(back!.provenance.guesses.every(({ confidence }) => confidence >= 0.95)).toBe(true);
  });

  it.each(families)('%s as npy is exact', (family) => {
    const latent = latentOf(family, 6, 8);
    const [back] = readLatents(readTensorFile(writeLatent(latent, 'npy')), { family, space: 'model' });
    expect(back!.data).toEqual(latent.data);
  });

  it.each(families)('%s as .latent is what LoadLatent takes, and comes back within rounding', (family) => {
    const latent = latentOf(family, 6, 8);
    const file = readTensorFile(writeLatent(latent, 'comfyui'));
    const tensor = file.tensors.find(({ name }) => name === 'latent_tensor')!;
    const { channels, scale, shift } = FAMILIES[family];
    expect(file.tensors.find(({ name }) => name === 'latent_format_version_0')?.shape).toEqual([0]);
    expect(tensor.shape).toEqual(family === 'flux2' ? [1, 128, 3, 4] : [1, channels, 6, 8]);
    if (family !== 'flux2') expect(toFloat32(tensor)[5]).toBe(Math.fround(latent.data[5]! / scale + shift));
    const [back] = readLatents(file);
    expect(back!.family).toBe(family);
    latent.data.forEach((value, at) => {
      expect(Math.abs(back!.data[at]! - value)).toBeLessThanOrEqual(
        2 ** -23 * (Math.abs(value) + shift * scale),
      );
    });
  });

  it('any size and any values come back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...families),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('safetensors' as const, 'npy' as const, 'comfyui' as const),
        (family, h, w, format) => {
          const latent = latentOf(family, h * 2, w * 2);
          const [back] = readLatents(readTensorFile(writeLatent(latent, format)), { family });
          expect(back!.dims).toEqual(latent.dims);
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  it('refuses FLUX.2 of odd size for ComfyUI, which has no whole patches', () => {
    expect(() => writeLatent(latentOf('flux2', 5, 8), 'comfyui')).toThrow(LeapError);
  });
});
