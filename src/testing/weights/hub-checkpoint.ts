import { type NamedTensor, readTensorFile, toFloat32, writeSafetensors } from '../../formats';
import { klShapes, toOriginalNames } from '../graph/kl-shapes';
import { randomTensor } from '../graph/random-weights';

/** A narrow full VAE in SD's layout. Its encoder is larger than the gap that one request may skip. */
const SHAPE = {
  channels: 4,
  encoderWidths: [32, 32, 64, 64],
  decoderWidths: [32, 32, 64, 64],
  quantConv: true,
  batchNorm: false,
};

/** A decoder of about 30 MB, which is more than one part of a download that is stored. */
const WIDE = [64, 128, 192, 192];

export const COMMIT = 'c0ffee'.padEnd(40, '0');
export const REPO = 'someone/vae';
export const FILE = 'vae/model.safetensors';
/** The prefixes of {@link makeVae} that are needed to decode. */
export const KEEP = ['decoder.', 'post_quant_conv.'];

/** Random weights in float32. @param options `seed` names another file of the same shapes */
export function makeVae({ original = false, wide = false, seed = '' } = {}): NamedTensor[] {
  const shapes = klShapes(wide ? { ...SHAPE, decoderWidths: WIDE } : SHAPE);
  return Object.entries(original ? toOriginalNames(shapes) : shapes).map(([name, shape]) => ({
    name,
    shape,
    dtype: 'F32',
    bytes: new Uint8Array(randomTensor(`${name}${seed}`, shape).buffer),
  }));
}

export function vaeFile(tensors: NamedTensor[] = makeVae()): Uint8Array {
  return writeSafetensors(tensors, { format: 'pt' });
}

/** Name -> dtype, shape and values of a safetensors file. */
export function readBack(file: Uint8Array): Map<string, NamedTensor & { values: Float32Array }> {
  const { tensors } = readTensorFile(file);
  return new Map(tensors.map((tensor) => [tensor.name, { ...tensor, values: toFloat32(tensor) }]));
}

/** The largest difference from the original tensors, relative to each value. NaN counts as infinite. */
export function worstError(file: Uint8Array, source: NamedTensor[]): number {
  const stored = readBack(file);
  let worst = 0;
  for (const tensor of source) {
    const { values } = stored.get(tensor.name)!;
    for (const [i, value] of toFloat32(tensor).entries()) {
      const error = Math.abs(values[i]! - value) / Math.max(Math.abs(value), 2 ** -14);
      worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
    }
  }
  return worst;
}
