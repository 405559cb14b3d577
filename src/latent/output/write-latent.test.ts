import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { readTensorFile, toFloat32 } from '../../formats';
import { FAMILIES, FAMILY_IDS, latentFromRaw, patchAffines, readLatents, writeLatent } from '../index';
import { toModelSpace } from '../model-space';
import type { FamilyId, Latent } from '../types';

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

  it.each(['safetensors', 'comfyui'] as const)('keeps ComfyUI’s graphs in %s', (format) => {
    const latent = latentOf('sdxl', 6, 8);
    const graphs = { prompt: '{"1":{"class_type":"KSampler"}}', workflow: '{"nodes":[]}' };
    latent.provenance.graphs = graphs;
    const file = readTensorFile(writeLatent(latent, format));
    expect(file.metadata).toMatchObject(graphs);
    expect(readLatents(file)[0]!.provenance.graphs).toEqual(graphs);
    file.metadata.workflow = 'no JSON';
    expect(readLatents(file)[0]!.provenance.graphs).toEqual({ prompt: graphs.prompt });
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

  it.each(families)(
    '%s for diffusers is what prepare_latents of its pipeline takes, and comes back exactly',
    (family) => {
      const latent = latentOf(family, 6, 8);
      const bytes = writeLatent(latent, 'safetensors', { consumer: 'diffusers' });
      const file = readTensorFile(bytes);
      const taken = {
        sd15: [1, 4, 6, 8],
        sdxl: [1, 4, 6, 8],
        sd3: [1, 16, 6, 8],
        flux1: [1, 12, 64],
        flux2: [1, 128, 3, 4],
      };
      expect(file.tensors[0]!.shape).toEqual(taken[family]);
      expect(readLatents(file)[0]!.data).toEqual(latent.data);
    },
  );

  it('FLUX.2 for its VAE takes the statistics of its batch norm', () => {
    const latent = latentOf('flux2', 6, 8);
    const mean = Array.from({ length: 128 }, (_, at) => Math.cos(at));
    const variance = Array.from({ length: 128 }, (_, at) => 1 + (at % 5));
    const batchNorm = { mean, variance };
    const file = readTensorFile(writeLatent(latent, 'safetensors', { consumer: 'vae', batchNorm }));
    // Channel 3 at (1, 0) is patch channel 3*4 + 2.
    const at = 3 * 48 + 8;
    expect(toFloat32(file.tensors[0]!)[at]).toBeCloseTo(
      latent.data[at]! * Math.sqrt(variance[14]! + 1e-4) + mean[14]!,
      6,
    );
    const [back] = readLatents(file, { batchNorm });
    latent.data.forEach((value, index) => {
      expect(back!.data[index]).toBeCloseTo(value, 5);
    });
  });

  it('FLUX.2 for its VAE goes there and back by the published batch norm', () => {
    const latent = latentOf('flux2', 6, 8);
    const file = readTensorFile(writeLatent(latent, 'safetensors', { consumer: 'vae' }));
    // Channel 0 at (0, 0): times 1.8029, minus 0.0676.
    expect(toFloat32(file.tensors[0]!)[0]).toBeCloseTo(latent.data[0]! * 1.8029 - 0.0676, 6);
    const [back] = readLatents(file);
    latent.data.forEach((value, index) => {
      expect(back!.data[index]).toBeCloseTo(value, 5);
    });
  });

  it('refuses what the dtype cannot hold, and writes it wider', () => {
    const latent = latentOf('sdxl', 6, 8);
    latent.data[5] = 70_000;
    expect(() => writeLatent(latent, 'safetensors', { dtype: 'F16' })).toThrow(/70000.*Write F32/);
    expect(readLatents(readTensorFile(writeLatent(latent, 'safetensors')))[0]!.data[5]).toBe(70_000);
    latent.data[5] = 3e38;
    expect(() => writeLatent(latent, 'safetensors', { consumer: 'vae' })).toThrow(/Infinity/);
  });

  it.each(['F16', 'BF16'] as const)(
    'a %s file written again for the same consumer is the same file',
    (dtype) => {
      for (const family of families) {
        for (const consumer of ['latent-leap', 'diffusers', 'comfyui'] as const) {
          const format = consumer === 'comfyui' ? 'comfyui' : 'safetensors';
          const bytes = writeLatent(latentOf(family, 6, 8), format, { consumer, dtype });
          const [latent] = readLatents(readTensorFile(bytes));
          expect(writeLatent(latent!, format, { consumer, dtype })).toEqual(bytes);
        }
      }
    },
  );

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

// Devices convert by themselves, with one factor and one summand for each channel of a 2x2 patch.
it.each(
  FAMILY_IDS.flatMap((family) => (['decoder', 'model'] as const).map((space) => [family, space] as const)),
)(
  'the affines of %s say what its %s space becomes in model space, in each channel of a patch',
  (family, space) => {
    const { channels } = FAMILIES[family];
    const { scale, shift } = patchAffines(family, space, undefined);
    expect([scale.length, shift.length]).toEqual([4 * channels, 4 * channels]);
    for (const value of [-2, 0, 1.5]) {
      const latent = new Float32Array(4 * channels).fill(value);
      // With 2x2 positions, each value of a channel is a channel of the patch.
      if (space === 'decoder') toModelSpace(latent, [channels, 2, 2], family, 1, undefined);
      latent.forEach((expected, i) => {
        expect(value * scale[i]! + shift[i]!).toBeCloseTo(expected, 5);
      });
    }
  },
);
