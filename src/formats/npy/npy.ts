import { LeapError } from '../../errors';
import { bytesPer, countElements } from '../dtypes';
import { orderRows } from '../order-rows';
import { swapBytes } from '../to-float32';
import type { Dtype, NamedTensor, TensorFile } from '../types';
import { parseNpyHeader } from './npy-header';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ALIGNMENT = 64;

export function looksLikeNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

/** A `.npy` file as one tensor; its name is empty, as the format has none. */
export function readNpy(file: Uint8Array): TensorFile {
  return { container: 'npy', tensors: [readNpyTensor(file, '')], metadata: {} };
}

/**
 * One array in numpy's format 1.0, 2.0 or 3.0, in either byte order and either memory order.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws LeapError `damaged-file`, `unsupported` (version, object or structured dtype)
 */
export function readNpyTensor(file: Uint8Array, name: string): NamedTensor {
  const { shape, descr, fortranOrder, dataStart } = parseNpyHeader(file);
  const { dtype, swapped } = parseDescr(descr);
  const expected = countElements(shape, 'the array') * bytesPer(dtype);
  if (file.length - dataStart !== expected) {
    throw new LeapError(
      'damaged-file',
      `The npy array has ${file.length - dataStart} bytes of data, its shape and dtype need ${expected}.`,
      { expected, found: file.length - dataStart },
    );
  }
  const data = file.subarray(dataStart);
  const native = swapped ? swapBytes(data, dtype) : data;
  const bytes = fortranOrder ? orderRows(native, shape, fortranStrides(shape), 0, bytesPer(dtype)) : native;
  return { name, dtype, shape, bytes };
}

const DESCR: Partial<Record<Dtype, string>> = {
  F64: '<f8',
  F32: '<f4',
  F16: '<f2',
  I64: '<i8',
  I32: '<i4',
  I16: '<i2',
  I8: '|i1',
  U64: '<u8',
  U32: '<u4',
  U16: '<u2',
  U8: '|u1',
  BOOL: '|b1',
};
const DTYPES = new Map(Object.entries(DESCR).map(([dtype, descr]) => [descr.slice(1), dtype as Dtype]));

/**
 * A `.npy` file, version 1.0, C order, data aligned to 64 bytes as numpy writes it. The name is lost.
 * @throws LeapError `bad-option` for BF16, which numpy does not have
 */
export function writeNpy(tensor: NamedTensor): Uint8Array {
  const descr = DESCR[tensor.dtype];
  if (!descr) throw new LeapError('bad-option', `numpy has no ${tensor.dtype}; write F32 instead.`);
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

function parseDescr(descr: string): { dtype: Dtype; swapped: boolean } {
  const dtype = DTYPES.get(descr.slice(1));
  if (!dtype || !'<>|='.includes(descr.charAt(0))) {
    const what = descr.includes('O') ? 'Python objects' : `the dtype ${descr}`;
    throw new LeapError('unsupported', `The npy array holds ${what}; expected <f2, <f4 or <f8.`, { descr });
  }
  return { dtype, swapped: descr.startsWith('>') };
}

/** In elements: the first axis is the fastest. */
function fortranStrides(shape: number[]): number[] {
  let stride = 1;
  return shape.map((size) => {
    const own = stride;
    stride *= size;
    return own;
  });
}
