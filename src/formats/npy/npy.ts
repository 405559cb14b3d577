import { LeapError } from '../../errors';
import { bytesPer, countElements } from '../dtypes';
import { fortranStrides, orderRows } from '../order-rows';
import { swapBytes } from '../to-float32';
import type { NamedTensor, TensorFile } from '../types';
import { DESCR, parseDescr } from './npy-dtype';
import { parseNpyHeader } from './npy-header';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ALIGNMENT = 64;
/** The most arrays that one file may have; each becomes a tensor to choose from. */
const MAX_ARRAYS = 1024;

export function looksLikeNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

/**
 * A `.npy` file as one tensor. Its name is empty, because the format has no names. Where `numpy.save` was called more than once
 * on an open file, its arrays follow each other; they are named as `numpy.savez` names them, arr_0, arr_1.
 * @throws LeapError as {@link readNpyTensor}
 */
export function readNpy(file: Uint8Array): TensorFile {
  const tensors: NamedTensor[] = [];
  for (let at = 0; at < file.length && tensors.length < MAX_ARRAYS; ) {
    const { tensor, end } = readArray(file.subarray(at), `arr_${tensors.length}`);
    tensors.push(tensor);
    at += end;
    if (at < file.length && !looksLikeNpy(file.subarray(at))) throw tooLong(file.length - at);
  }
  if (tensors.length === 1) tensors[0]!.name = '';
  return { container: 'npy', tensors, metadata: {} };
}

/**
 * One array in numpy's format 1.0, 2.0 or 3.0, in either byte order and either memory order.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws LeapError `damaged-file`, `unsupported` (version, object or structured dtype)
 */
export function readNpyTensor(file: Uint8Array, name: string): NamedTensor {
  const { tensor, end } = readArray(file, name);
  if (end !== file.length) throw tooLong(file.length - end);
  return tensor;
}

/** @returns the first array of the bytes, and where it ends */
function readArray(file: Uint8Array, name: string): { tensor: NamedTensor; end: number } {
  const { shape, descr, fortranOrder, dataStart } = parseNpyHeader(file);
  const { dtype, swapped } = parseDescr(descr);
  const expected = countElements(shape, 'the array') * bytesPer(dtype);
  const found = file.length - dataStart;
  if (found < expected) {
    throw new LeapError(
      'damaged-file',
      `The npy file is cut off: its shape and dtype need ${expected} bytes, ${found} are there. Copy or save it again.`,
      { expected, found, complete: true },
    );
  }
  const data = file.subarray(dataStart, dataStart + expected);
  const native = swapped ? swapBytes(data, dtype) : data;
  const bytes = fortranOrder ? orderRows(native, shape, fortranStrides(shape), 0, bytesPer(dtype)) : native;
  return { tensor: { name, dtype, shape, bytes }, end: dataStart + expected };
}

function tooLong(extra: number): LeapError {
  return new LeapError('damaged-file', `The npy file has ${extra} bytes after its array.`, { extra });
}

/**
 * A `.npy` file, version 1.0, C order, data aligned to 64 bytes as numpy writes it. The name is lost.
 * @throws LeapError `bad-option` for BF16, which numpy does not have
 */
export function writeNpy(tensor: NamedTensor): Uint8Array<ArrayBuffer> {
  const descr = DESCR[tensor.dtype];
  if (!descr) throw new LeapError('bad-option', `numpy has no ${tensor.dtype}. Write F32 instead.`);
  const sizes = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const dataStart = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(dataStart + tensor.bytes.length).fill(0x20, 10, dataStart - 1);
  file.set(MAGIC);
  file[6] = 1;
  new DataView(file.buffer).setUint16(8, dataStart - 10, true);
  file.set(new TextEncoder().encode(text), 10);
  file[dataStart - 1] = 0x0a;
  file.set(tensor.bytes, dataStart);
  return file;
}
