import { LeapError } from '../../errors';
import type { Dtype } from '../types';

/** numpy's names in little-endian order. */
export const DESCR: Partial<Record<Dtype, string>> = {
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
  C64: '<c8',
  C128: '<c16',
};
const DTYPES = new Map(Object.entries(DESCR).map(([dtype, descr]) => [descr.slice(1), dtype as Dtype]));
/**
 * numpy has no bfloat16. The type of ml_dtypes is written as two bytes without a meaning, which nobody else writes.
 * A float8 is one such byte, too, which does not say which of its types it is.
 */
const BFLOAT16 = 'V2';

export interface NpyDtype {
  dtype: Dtype;
  /** Big-endian. */
  swapped: boolean;
}

/** @param descr as in `.npy` headers: byte order, kind, bytes. @throws LeapError `unsupported` */
export function parseDescr(descr: string): NpyDtype {
  const kind = descr.slice(1);
  const dtype = kind === BFLOAT16 ? 'BF16' : DTYPES.get(kind);
  if (dtype && '<>|='.includes(descr.charAt(0))) return { dtype, swapped: descr.startsWith('>') };
  throw new LeapError('unsupported', `The numpy array holds ${nameElements(descr)}; expected floats.`, {
    descr,
    complete: isObject(descr),
  });
}

const isObject = (descr: string): boolean => descr.includes('O');

function nameElements(descr: string): string {
  if (isObject(descr)) return 'Python objects, which are never run: save the array that is in it alone';
  if (/^[<>|=]?[US]\d*$/.test(descr)) return 'text';
  return `elements of the type ${descr.slice(0, 40)}`;
}
