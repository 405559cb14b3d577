import type { LeapError } from '../../errors';
import { bytesPer } from '../dtypes';
import type { Dtype } from '../types';
import { isNumpyGlobal, makeNumpy, NumpyArray, NumpyDtype } from './numpy-values';
import { damaged, Global, Inert, Storage, type TensorView, TorchTensor } from './torch-values';
import type { PickleHost } from './unpickle';

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
  ['torch.ComplexFloatStorage', 'C64'],
  ['torch.ComplexDoubleStorage', 'C128'],
  ['torch.storage.UntypedStorage', 'U8'],
]);
/** Bytes of an element in storages of quantised tensors, which are left out. */
const QUANTISED_BYTES: ReadonlyMap<string, number> = new Map([
  ['torch.QInt8Storage', 1],
  ['torch.QUInt8Storage', 1],
  ['torch.QInt32Storage', 4],
  ['torch.QUInt4x2Storage', 1],
  ['torch.QUInt2x4Storage', 1],
]);
/** Types that have no storage of their own: `_rebuild_tensor_v3` names them beside untyped bytes. */
const DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
]);
const FUNCTIONS: ReadonlyMap<string, (args: readonly unknown[], host: TorchHost) => unknown> = new Map([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildTyped],
  ['torch._utils._rebuild_parameter', ([data]: readonly unknown[]) => data],
  ['torch._utils._rebuild_parameter_with_state', ([data]: readonly unknown[]) => data],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', ([data]: readonly unknown[]) => data],
  ['torch.nn.parameter.Parameter', ([data]: readonly unknown[]) => data],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['collections.OrderedDict', ([items]: readonly unknown[], host) => host.toMap(items)],
  ['collections.Counter', ([items]: readonly unknown[], host) => host.toMap(items)],
  ['collections.defaultdict', ([, items]: readonly unknown[], host) => host.toMap(items)],
]);
/** They are harmless, and never what a file is read for, so they are not mentioned. */
const SILENT =
  /^(torch\.(serialization\._get_layout|per_\w+|Size|device|Tensor|(float|bfloat|u?int|complex)\d\w*|bool)|_codecs\.encode|(builtins|__builtin__)\.(set|frozenset|bytearray|complex|slice|range)|datetime\.\w+|pathlib\.\w+)$/;

/** More names of what was left out would not be read. */
const MOST_UNKNOWN = 64;

/**
 * What a `torch.save` pickle makes: tensors as descriptions, dicts as Maps. A global that is not in the tables above
 * becomes {@link Inert}, whatever the pickle does with it; nothing is ever run.
 */
export class TorchHost implements PickleHost {
  /** Full names of globals that were left inert. */
  readonly unknown = new Set<string>();
  /** Why arrays of numpy were left out. */
  readonly refusals: LeapError[] = [];
  /** By key, in the order in which the pickle names them. */
  readonly storages = new Map<string, Storage>();
  /** By key, bytes of an element in storages whose tensors are left out: they stand between the others in old files. */
  readonly skipped = new Map<string, number>();
  /** Dicts by the pairs that they were made of, which are gone through once however often they are recalled. */
  readonly #maps = new WeakMap<object, Map<unknown, unknown>>();

  findGlobal(name: string): Global {
    const known = FUNCTIONS.has(name) || STORAGES.has(name) || isNumpyGlobal(name) || SILENT.test(name);
    if (!known && this.unknown.size < MOST_UNKNOWN) this.unknown.add(name);
    return new Global(name);
  }

  call(callee: unknown, args: readonly unknown[]): unknown {
    if (callee instanceof Inert) return callee;
    if (!(callee instanceof Global)) throw damaged('calls something that is not a function');
    const make = FUNCTIONS.get(callee.name);
    if (make) return make(args, this);
    return makeNumpy(callee.name, args) ?? new Inert(callee.name);
  }

  /** A dict of pairs, or of another dict. */
  toMap(items: unknown): Map<unknown, unknown> {
    if (items instanceof Map) return items;
    if (!Array.isArray(items)) return new Map();
    const known = this.#maps.get(items);
    if (known) return known;
    const map = new Map(
      items.filter((pair) => Array.isArray(pair) && pair.length === 2) as [unknown, unknown][],
    );
    this.#maps.set(items, map);
    return map;
  }

  /** Attributes. Data does not need them, except numpy's arrays, which begin empty and are filled this way. */
  build(target: unknown, state: unknown): void {
    if (target instanceof NumpyArray || target instanceof NumpyDtype) target.setState(state);
    if (target instanceof NumpyArray && target.refusal) this.refusals.push(target.refusal);
  }

  /**
   * `('storage', type, key, location, number of elements)`; in files before 1.6 also a view of it, which torch itself
   * has not written since 0.4.
   */
  loadPersistent(id: unknown): unknown {
    const [tag, type, key, , count, view] = Array.isArray(id) ? id : [];
    const dtype = type instanceof Global ? STORAGES.get(type.name) : undefined;
    if (tag !== 'storage' || !(type instanceof Global) || typeof key !== 'string') {
      throw damaged('describes a storage in an unknown way');
    }
    if (!dtype || (view !== null && view !== undefined)) {
      const bytes = dtype ? bytesPer(dtype) : QUANTISED_BYTES.get(type.name);
      if (bytes) this.skipped.set(key, bytes);
      if (dtype && this.unknown.size < MOST_UNKNOWN) this.unknown.add(`a view of ${type.name}`);
      return new Inert(type.name);
    }
    const storage = this.storages.get(key) ?? new Storage(dtype, key, count);
    this.storages.set(key, storage);
    return storage;
  }
}

/** `(storage, offset, size, stride, ...)`; offset and stride in elements */
function rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): unknown {
  if (storage instanceof Inert) return storage;
  if (!(storage instanceof Storage)) throw damaged('makes a tensor of no storage');
  return new TorchTensor({ dtype: storage.dtype, source: storage, offset, shape, strides });
}

/** `(storage, offset, size, stride, requires_grad, hooks, dtype, ...)` of untyped bytes */
function rebuildTyped(args: readonly unknown[]): unknown {
  const tensor = rebuildTensor(args);
  const type = args[6];
  const dtype = type instanceof Global ? DTYPES.get(type.name) : undefined;
  if (!(tensor instanceof TorchTensor)) return tensor;
  if (!dtype) return new Inert(type instanceof Global ? type.name : 'a dtype');
  const view: TensorView = { ...tensor.view, dtype };
  return new TorchTensor(view);
}

/** `(function, type, args, state)` of tensors with attributes */
function rebuildFromType([callee, , args]: readonly unknown[], host: TorchHost): unknown {
  return Array.isArray(args) && callee instanceof Global && callee.name.startsWith('torch._utils.')
    ? host.call(callee, args)
    : new Inert('torch._tensor._rebuild_from_type_v2');
}
