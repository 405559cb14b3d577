import { LeapError } from '../../errors';
import type { Budget } from '../budget';
import { bytesPer, countElements } from '../dtypes';
import { isContiguous, orderRows } from '../order-rows';
import type { Dtype } from '../types';
import type { PickleHost } from './unpickle';

/** A tensor of a torch file: little-endian bytes in C order. */
export class TorchTensor {
  constructor(
    readonly dtype: Dtype,
    readonly shape: number[],
    readonly bytes: Uint8Array,
  ) {}
}

/** A class or function on the allow-list. */
class Global {
  constructor(readonly name: string) {}
}

class Storage {
  constructor(
    readonly dtype: Dtype,
    readonly bytes: Uint8Array,
  ) {}
}

const STORAGES: ReadonlyMap<string, Dtype> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter';
const ORDERED_DICT = 'collections.OrderedDict';
/** Kept as nothing: they stand beside tensors and say nothing about them. */
const IGNORED = /^torch\.(Size|device|(float|bfloat|u?int|complex)\d+|bool)$/;

/** The allow-list of what a `torch.save` pickle may name; all of it makes data. */
export class TorchHost implements PickleHost {
  readonly #readStorage: (key: string) => Uint8Array;
  readonly #budget: Budget;

  /** @param readStorage the bytes of a storage by its key */
  constructor(readStorage: (key: string) => Uint8Array, budget: Budget) {
    this.#readStorage = readStorage;
    this.#budget = budget;
  }

  findGlobal(name: string): unknown {
    const known = STORAGES.has(name) || [REBUILD_TENSOR, REBUILD_PARAMETER, ORDERED_DICT].includes(name);
    if (known || IGNORED.test(name)) return new Global(name);
    throw new LeapError(
      'unsupported',
      `The pickle names ${name}, which is not on the list of safe ones. Save only tensors: torch.save({"latent": tensor}, path).`,
      { global: name },
    );
  }

  call(callee: unknown, args: readonly unknown[]): unknown {
    if (!(callee instanceof Global)) throw damaged('calls something that is no function');
    switch (callee.name) {
      case REBUILD_TENSOR:
        return this.#rebuildTensor(args);
      case REBUILD_PARAMETER:
        return args[0];
      case ORDERED_DICT:
        return new Map();
      default:
        return null;
    }
  }

  /** `('storage', type, key, location, number of elements)` */
  loadPersistent(id: unknown): Storage {
    const [tag, type, key, , count] = Array.isArray(id) ? id : [];
    const dtype = type instanceof Global ? STORAGES.get(type.name) : undefined;
    if (tag !== 'storage' || !dtype || typeof key !== 'string')
      throw damaged('describes a storage in an unknown way');
    const bytes = this.#readStorage(key);
    if (bytes.length !== countElements([count], `the storage ${key}`) * bytesPer(dtype)) {
      throw damaged(
        `says that the storage ${key} has ${String(count)} elements, but it has ${bytes.length} bytes`,
      );
    }
    return new Storage(dtype, bytes);
  }

  /** `(storage, offset, size, stride, requires_grad, backward_hooks)`; offset and stride in elements */
  #rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): TorchTensor {
    if (!(storage instanceof Storage)) throw damaged('makes a tensor of no storage');
    const { dtype, bytes } = storage;
    const count = countElements(shape, 'a tensor');
    const sizes = shape as number[];
    // A stride is checked as a size is: whole, not negative.
    countElements(Array.isArray(strides) ? [...strides, 0] : strides, "a tensor's strides");
    const steps = strides as number[];
    if (steps.length !== sizes.length) throw damaged('gives a tensor more strides than sizes, or fewer');
    if (!Number.isSafeInteger(offset) || (offset as number) < 0) throw damaged('gives a tensor no offset');
    if (count === 0) return new TorchTensor(dtype, [...sizes], new Uint8Array(0));

    const last = sizes.reduce((sum, size, axis) => sum + (size - 1) * steps[axis]!, offset as number);
    if (!(last < bytes.length / bytesPer(dtype))) throw damaged('gives a tensor more than its storage holds');
    // Only copies cost memory; an expanded tensor (stride 0) can be of any size.
    if (!isContiguous(sizes, steps))
      this.#budget.spend(count * bytesPer(dtype), 'A tensor of the torch file');
    return new TorchTensor(
      dtype,
      [...sizes],
      orderRows(bytes, sizes, steps, offset as number, bytesPer(dtype)),
    );
  }
}

function damaged(what: string): LeapError {
  return new LeapError('damaged-file', `The pickle ${what}.`);
}
