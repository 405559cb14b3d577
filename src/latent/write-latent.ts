import { LeapError } from '../errors';
import { fromFloat32, type NamedTensor, writeNpy, writeSafetensors } from '../formats';
import { FAMILIES } from './families';
import { toDecoderSpace } from './model-space';
import type { Latent, Layout, Space } from './types';
import { packItem } from './unpack';
import { LATENT_TENSOR, VERSION_MARKER } from './writers/comfyui';
import { type LatentMark, MARK_KEY } from './writers/latent-leap';

export type LatentFormat = 'safetensors' | 'comfyui' | 'npy';

/**
 * A latent as a file, float32.
 * - `safetensors`: tensor `latents`, [1,C,H,W], model space; metadata that this project reads back
 * - `npy`: [1,C,H,W], model space
 * - `comfyui`: a `.latent` for LoadLatent, decoder space; FLUX.2 as [1,128,H/2,W/2], normalised
 * @throws LeapError `bad-option` for a FLUX.2 latent of odd size as `comfyui`, which has no whole patches
 */
export function writeLatent(latent: Latent, format: LatentFormat): Uint8Array {
  if (format === 'npy') return writeNpy(toTensor(latent, '', 'model', 'unpacked'));
  if (format === 'safetensors') {
    return writeSafetensors(
      [toTensor(latent, 'latents', 'model', 'unpacked')],
      mark(latent, 'model', 'unpacked'),
    );
  }
  const { batchNorm } = FAMILIES[latent.family];
  const [space, layout]: [Space, Layout] = batchNorm ? ['model', 'patchified'] : ['decoder', 'unpacked'];
  const empty: NamedTensor = { name: VERSION_MARKER, dtype: 'F32', shape: [0], bytes: new Uint8Array(0) };
  return writeSafetensors(
    [toTensor(latent, LATENT_TENSOR, space, layout), empty],
    mark(latent, space, layout),
  );
}

function toTensor(latent: Latent, name: string, space: Space, layout: Layout): NamedTensor {
  const [channels, height, width] = latent.dims;
  let data: Float32Array = latent.data;
  if (space === 'decoder') {
    data = data.slice();
    toDecoderSpace(data, latent.dims, latent.family, undefined);
  }
  if (layout === 'unpacked')
    return { name, dtype: 'F32', shape: [1, channels, height, width], bytes: fromFloat32(data, 'F32') };
  if (height % 2 !== 0 || width % 2 !== 0) {
    throw new LeapError('bad-option', `A latent of ${width} x ${height} has no whole 2x2 patches.`, {
      height,
      width,
    });
  }
  const patches: number[] =
    layout === 'packed' ? [(height * width) / 4, channels * 4] : [channels * 4, height / 2, width / 2];
  return {
    name,
    dtype: 'F32',
    shape: [1, ...patches],
    bytes: fromFloat32(packItem(data, latent.dims, layout), 'F32'),
  };
}

function mark({ family, dims, provenance }: Latent, space: Space, layout: Layout): Record<string, string> {
  const [, height, width] = dims;
  const text: LatentMark = {
    kind: 'latent',
    family,
    space,
    layout,
    height,
    width,
    history: provenance.history,
  };
  return { [MARK_KEY]: JSON.stringify(text) };
}
