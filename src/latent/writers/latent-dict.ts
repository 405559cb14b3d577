import { LeapError } from '../../errors';
import { type NamedTensor, type TensorFile, toFloat32 } from '../../formats';

/** A longer list is not that of a batch that could be read. */
const MAX_ITEMS = 4096;

/**
 * ComfyUI's `batch_index`: which items of an earlier batch these are, counted from 0. Nodes that take items out of a
 * batch write it (`nodes.py`, LatentFromBatch), so that an item keeps its noise.
 * @returns undefined where the file does not say it, or says what cannot be
 */
export function readBatchIndex({ tensors, metadata }: TensorFile): number[] | undefined {
  const tensor = tensors.find(({ name }) => name === 'batch_index');
  const numbers = tensor && readNumbers(tensor);
  if (numbers && numbers.length > MAX_ITEMS) return undefined;
  const indices: unknown = tensor ? numbers && [...numbers] : parse(metadata.batch_index);
  if (!Array.isArray(indices) || indices.length > MAX_ITEMS) return undefined;
  const sound = indices.every((index) => Number.isSafeInteger(index) && index >= 0);
  return sound && new Set(indices).size === indices.length ? indices : undefined;
}

/** What the file's noise mask says: how much of the picture a sampler is to make anew. Decoding does not need it. */
export function describeMask({ tensors }: TensorFile): string | undefined {
  const mask = tensors.find(({ name }) => name === 'noise_mask');
  const values = mask && readNumbers(mask);
  if (!mask || !values?.length) return undefined;
  let sum = 0;
  for (const value of values) sum += value;
  const share = sum / values.length;
  const [height = 1, width] = mask.shape.slice(-2);
  const size = width === undefined ? `${height} values` : `${width}x${height}`;
  return (
    `The file has a noise mask of ${size}, which covers ${Math.round(share * 100)} % of the picture. ` +
    'It is meant for sampling and changes nothing here.'
  );
}

/** As a typed array: a mask may have as many values as a picture. Undefined for a type that is not of numbers. */
function readNumbers(tensor: NamedTensor): Float64Array | Int32Array | Float32Array | undefined {
  const { bytes, dtype } = tensor;
  if (dtype === 'I64') return Float64Array.from(new BigInt64Array(bytes.slice().buffer), Number);
  if (dtype === 'I32') return new Int32Array(bytes.slice().buffer);
  try {
    return toFloat32(tensor);
  } catch (thrown) {
    if (thrown instanceof LeapError) return undefined;
    throw thrown;
  }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}
