import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type NamedTensor, readTensorFile, toFloat32, writeSafetensors } from '../../formats';
import { recogniseCheckpoint } from '../../graph';
import { klShapes, narrowKl, toOriginalNames } from '../../testing/graph/kl-shapes';
import { openBytes } from './byte-source';
import { openCheckpoint } from './open-checkpoint';

/** Checkpoints as people have them: each with a small file of training/fixtures/make_vae_checkpoints.py, or made here. */

const readFixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`__fixtures__/${name}`, import.meta.url)));

/** The values of training/fixtures/make_vae_checkpoints.py, which every tensor begins with. */
const known = (count: number): number[] => Array.from({ length: count }, (_, i) => ((i % 61) - 30) / 64);

const BOTH = [{ architecture: 'kl-encoder' }, { architecture: 'kl-decoder' }];

describe('a full VAE that torch.save wrote', () => {
  it.each([
    ['lightning.ckpt', 'below the state dict of Lightning', 'state_dict.first_stage_model.'],
    ['vae-legacy.pt', 'in the format before 1.6', ''],
  ])('%s: found %s, and read', async (file, _, prefix) => {
    const checkpoint = await openCheckpoint(openBytes(readFixture(file), file));
    const found = recogniseCheckpoint(checkpoint.tensors, checkpoint.metadata);
    expect(found.toSorted((a, b) => b.architecture.localeCompare(a.architecture))).toMatchObject(BOTH);
    const { keep } = found.find(({ architecture }) => architecture === 'kl-decoder')!;
    const { tensors } = readTensorFile(await checkpoint.read(keep, { exact: true }));
    const names = tensors.map(({ name }) => name);
    expect(names).toContain(`${prefix}decoder.conv_in.weight`);
    expect(names.some((name) => name.includes('encoder.') || name.includes('diffusion_model'))).toBe(false);
    for (const tensor of tensors) {
      const values = [...toFloat32(tensor)];
      expect(values).toEqual(known(values.length));
    }
  });
});

describe('a checkpoint whose diffusion model is in float8', () => {
  const zeros = (name: string, shape: number[], dtype: 'F16' | 'F8_E4M3'): NamedTensor => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { name, shape, dtype, bytes: new Uint8Array(count * (dtype === 'F16' ? 2 : 1)) };
  };
  const unet = [
    zeros('model.diffusion_model.input_blocks.0.0.weight', [320, 4, 3, 3], 'F8_E4M3'),
    zeros('model.diffusion_model.out.2.bias', [4], 'F8_E4M3'),
  ];
  const vae = (dtype: 'F16' | 'F8_E4M3') =>
    Object.entries(toOriginalNames(klShapes(narrowKl()))).map(([name, shape]) =>
      zeros(`first_stage_model.${name}`, shape, dtype),
    );
  const open = (tensors: NamedTensor[]) => openCheckpoint(openBytes(writeSafetensors(tensors), 'fp8'));

  it('has a VAE that is found and read', async () => {
    const checkpoint = await open([...unet, ...vae('F16')]);
    const decoder = recogniseCheckpoint(checkpoint.tensors).find(({ kind }) => kind === 'decoder')!;
    expect(decoder).toMatchObject({ architecture: 'kl-decoder', channels: 4 });
    const { tensors } = readTensorFile(await checkpoint.read(decoder.keep));
    expect(tensors.length).toBeGreaterThan(100);
    expect(new Set(tensors.map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
  });

  it('is called what it is where it has no VAE', async () => {
    const { tensors } = await open(unet);
    expect(() => recogniseCheckpoint(tensors)).toThrow(/U-Net/);
  });
});
