import { LeapError } from '../errors';
import type { Dtype } from './types';

const BYTES: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  C64: 8,
  C128: 16,
};

/** Bytes of one element. */
export function bytesPer(dtype: Dtype): number {
  return BYTES[dtype];
}

/** Narrows a name from a header; safetensors has more (F8_E8M0, F4, ...), which are not read here. */
export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(BYTES, name);
}

export function isFloatDtype(dtype: Dtype): boolean {
  return FLOATS.has(dtype);
}

const FLOATS: ReadonlySet<Dtype> = new Set(['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2']);

/** For people: what elements of that type are. */
export function describeDtype(dtype: Dtype): string {
  if (isFloatDtype(dtype)) return `floats (${dtype})`;
  if (dtype.startsWith('C')) return `complex numbers (${dtype})`;
  return dtype === 'BOOL' ? 'true and false (BOOL)' : `whole numbers (${dtype})`;
}

/** numpy's limit is 64 and torch's too; no latent has more than 5. */
const MAX_RANK = 32;

/**
 * Checks a shape from a header and counts its elements, without overflow.
 * @throws LeapError `damaged-file` for anything but non-negative integers with a safe product.
 */
export function countElements(shape: unknown, what: string): number {
  if (!Array.isArray(shape) || shape.length > MAX_RANK) {
    throw new LeapError('damaged-file', `The shape of ${what} is not a list of at most ${MAX_RANK} sizes.`, {
      what,
    });
  }
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      throw new LeapError('damaged-file', `The shape of ${what} has a size that is not a whole number.`, {
        what,
      });
    }
    count *= size as number;
    if (!Number.isSafeInteger(count)) {
      throw new LeapError('damaged-file', `The shape of ${what} has more elements than a file can hold.`, {
        what,
      });
    }
  }
  return count;
}
