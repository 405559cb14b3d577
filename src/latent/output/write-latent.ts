import { LeapError } from '../../errors';
import { fromFloat32, type NamedTensor, writeNpy, writeSafetensors } from '../../formats';
import { toDecoderSpace } from '../model-space';
import { packItem } from '../shape/unpack';
import type { BatchNorm, Latent, Layout, Space } from '../types';
import { LATENT_TENSOR, VERSION_MARKER } from '../writers/comfyui';
import { type LatentMark, MARK_KEY } from '../writers/latent-leap';
import { expectedBy } from './consumers';
import type { LatentFormat, WriteOptions } from './write-options';

/**
 * A latent as a file, with a batch axis of 1.
 * - `safetensors`: tensor `latents`, and metadata that this project reads back
 * - `npy`: the tensor alone
 * - `comfyui`: a `.latent` for LoadLatent, with the same metadata
 *
 * Graphs of ComfyUI that came with the latent are kept in the metadata.
 *
 * What is written in model space comes back exactly, to the dtype. Decoder space costs one rounding on each way.
 * @throws LeapError `bad-option` for BF16 in npy, for values that the dtype cannot hold, and for odd sizes where the
 * consumer wants 2x2 patches
 */
export function writeLatent(
  latent: Latent,
  format: LatentFormat,
  options: WriteOptions = {},
): Uint8Array<ArrayBuffer> {
  const { dtype = 'F32', batchNorm } = options;
  const consumer = format === 'comfyui' ? 'comfyui' : (options.consumer ?? 'latent-leap');
  const { space, layout } = expectedBy(consumer, latent.family);
  const data = inSpace(latent, space, batchNorm);
  const { shape, values } = inLayout(data, latent.dims, layout);
  checkRange(values, dtype);
  const tensor: NamedTensor = { name: 'latents', dtype, shape, bytes: fromFloat32(values, dtype) };
  if (format === 'npy') return writeNpy(tensor);
  const metadata = mark(latent, space, layout);
  if (format === 'safetensors') return writeSafetensors([tensor], metadata);
  const marker: NamedTensor = { name: VERSION_MARKER, dtype: 'F32', shape: [0], bytes: new Uint8Array(0) };
  return writeSafetensors([{ ...tensor, name: LATENT_TENSOR }, marker], metadata);
}

/** @throws LeapError `bad-option` for what would become infinite: no reader takes that back */
function checkRange(values: Float32Array, dtype: NonNullable<WriteOptions['dtype']>): void {
  const most = LARGEST[dtype];
  const beyond = values.find((value) => !(Math.abs(value) < most));
  if (beyond === undefined) return;
  const way = dtype !== 'F32' && Number.isFinite(beyond) ? ' Write F32 instead.' : '';
  throw new LeapError('bad-option', `The latent has the value ${beyond}, which ${dtype} cannot hold.${way}`, {
    value: beyond,
    dtype,
  });
}

/** Magnitudes from which rounding gives infinity. */
const LARGEST = { F32: Number.POSITIVE_INFINITY, F16: 65520, BF16: 1.99609375 * 2 ** 127 } as const;

function inSpace(
  { data, dims, family }: Latent,
  space: Space,
  batchNorm: BatchNorm | undefined,
): Float32Array {
  if (space === 'model') return data;
  const converted = data.slice();
  toDecoderSpace(converted, dims, family, batchNorm);
  return converted;
}

function inLayout(
  data: Float32Array,
  dims: readonly [number, number, number],
  layout: Layout,
): { shape: number[]; values: Float32Array } {
  const [channels, height, width] = dims;
  if (layout === 'unpacked') return { shape: [1, channels, height, width], values: data };
  if (height % 2 !== 0 || width % 2 !== 0) {
    throw new LeapError('bad-option', `A latent of ${width} x ${height} has no whole 2x2 patches.`, {
      height,
      width,
    });
  }
  const shape =
    layout === 'packed' ? [1, (height * width) / 4, channels * 4] : [1, channels * 4, height / 2, width / 2];
  return { shape, values: packItem(data, dims, layout) };
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
  return { ...provenance.graphs, [MARK_KEY]: JSON.stringify(text) };
}
