import type { RawTensor } from '../types';

/** Values with their shape, as code hands them over; other tensors have both, too. */
export function isRawTensor(input: unknown): input is RawTensor {
  return typeof input === 'object' && input !== null && 'data' in input && 'dims' in input;
}
