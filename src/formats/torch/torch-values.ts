import { LeapError } from '../../errors';
import type { Budget } from '../budget';
import { bytesPer, countElements } from '../dtypes';
import { isContiguous, orderRows } from '../order-rows';
import type { Dtype, NamedTensor } from '../types';

/** A class or function by its full name. Nothing is behind it: it can only be compared. */
export class Global {
  constructor(readonly name: string) {}
}

/** What a global that is not known would have made. It stands beside the tensors and is never looked into. */
export class Inert {
  constructor(readonly name: string) {}
}

/** Elements that lie outside the pickle; their bytes are looked up when a tensor needs them. */
export class Storage {
  constructor(
    readonly dtype: Dtype,
    readonly key: string,
    /** Elements, as the pickle says. */
    readonly count: unknown,
  ) {}
}

/** A view of a storage, or an array with its own bytes. */
export interface TensorView {
  dtype: Dtype;
  source: Storage | Uint8Array;
  /** In elements. */
  offset: unknown;
  shape: unknown;
  strides: unknown;
}

/** A tensor as the pickle describes it. Nothing is checked until {@link readView}. */
export class TorchTensor {
  constructor(readonly view: TensorView) {}
}

/**
 * A tensor's bytes in C order.
 * @param readStorage bytes of a storage by its key
 * @throws LeapError `damaged-file` when the view does not fit its storage, `too-large`
 */
export function readView(
  { dtype, source, offset, shape, strides }: TensorView,
  readStorage: (key: string) => Uint8Array,
  budget: Budget,
): Omit<NamedTensor, 'name'> {
  const count = countElements(shape, 'a tensor');
  const sizes = shape as number[];
  // A stride is checked as a size is: whole, not negative.
  countElements(Array.isArray(strides) ? [...strides, 0] : strides, "a tensor's strides");
  const steps = strides as number[];
  if (steps.length !== sizes.length) throw damaged('gives a tensor more strides than sizes, or fewer');
  if (!Number.isSafeInteger(offset) || (offset as number) < 0) throw damaged('gives a tensor no offset');
  const size = bytesPer(dtype);
  if (count === 0) return { dtype, shape: [...sizes], bytes: new Uint8Array(0) };

  const bytes = source instanceof Storage ? readWhole(source, readStorage) : source;
  const last = sizes.reduce((sum, length, axis) => sum + (length - 1) * steps[axis]!, offset as number);
  if (!(last < Math.floor(bytes.length / size))) throw damaged('gives a tensor more than its storage holds');
  // Only copies cost memory; an expanded tensor (stride 0) can be of any size.
  if (!isContiguous(sizes, steps)) budget.spend(count * size, 'A tensor of the torch file');
  return { dtype, shape: [...sizes], bytes: orderRows(bytes, sizes, steps, offset as number, size) };
}

function readWhole({ dtype, key, count }: Storage, readStorage: (key: string) => Uint8Array): Uint8Array {
  const bytes = readStorage(key);
  if (bytes.length !== countElements([count], `the storage ${key}`) * bytesPer(dtype)) {
    throw damaged(
      `says that the storage ${key} has ${String(count)} elements, but it has ${bytes.length} bytes`,
    );
  }
  return bytes;
}

export function damaged(what: string): LeapError {
  return new LeapError('damaged-file', `The pickle ${what}.`);
}
