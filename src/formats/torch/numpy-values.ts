import { LeapError } from '../../errors';
import { type NpyDtype, parseDescr } from '../npy/npy-dtype';
import { fortranStrides } from '../order-rows';
import { swapBytes } from '../to-float32';
import { damaged, Global, TorchTensor } from './torch-values';

/** numpy 1 calls it `core`, numpy 2 `_core`. */
const RECONSTRUCT = /^numpy\._?core\.multiarray\._reconstruct$/;
const DTYPE = 'numpy.dtype';
const BYTES = '_codecs.encode';

/** Whether the name belongs to an array that somebody put beside tensors, or in their place. Scalars stay inert. */
export function isNumpyGlobal(name: string): boolean {
  return RECONSTRUCT.test(name) || name === DTYPE || name === 'numpy.ndarray';
}

/** `numpy.dtype('f4', ...)`, whose byte order comes with its state. */
export class NumpyDtype {
  #order = '<';

  constructor(readonly code: string) {}

  setState(state: unknown): void {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (typeof order === 'string' && order.length === 1) this.#order = order;
  }

  /** @throws LeapError `unsupported` */
  parse(): NpyDtype {
    return parseDescr(`${this.#order}${this.code}`);
  }
}

/** An array under construction: `_reconstruct` makes it empty, its state fills it. */
export class NumpyArray {
  /** Undefined while it is empty, and for arrays that hold no plain numbers. */
  tensor: TorchTensor | undefined;
  /** Why it has no tensor, where its elements are not numbers that are known here: text, dates. */
  refusal: LeapError | undefined;

  /** `(version, shape, dtype, is_fortran, bytes)`; of objects, a list in place of the bytes */
  setState(state: unknown): void {
    if (!Array.isArray(state)) throw damaged('describes an array in an unknown way');
    const [, shape, dtype, fortran, data] = state as unknown[];
    if (!(dtype instanceof NumpyDtype) || !(data instanceof Uint8Array) || !Array.isArray(shape)) return;
    try {
      this.#fill(dtype.parse(), shape, fortran === true, data);
    } catch (thrown) {
      if (!(thrown instanceof LeapError) || thrown.code !== 'unsupported') throw thrown;
      this.refusal = thrown;
    }
  }

  #fill({ dtype, swapped }: NpyDtype, shape: number[], fortran: boolean, data: Uint8Array): void {
    const source = swapped ? swapBytes(data, dtype) : data;
    const strides = fortran ? fortranStrides(shape) : rowStrides(shape);
    this.tensor = new TorchTensor({ dtype, source, offset: 0, shape, strides });
  }
}

/** What numpy's functions make, or undefined for others. */
export function makeNumpy(name: string, args: readonly unknown[]): unknown {
  if (name === BYTES) return toBytes(args);
  if (name === DTYPE) return new NumpyDtype(typeof args[0] === 'string' ? args[0] : '');
  const [type] = args;
  return RECONSTRUCT.test(name) && type instanceof Global ? new NumpyArray() : undefined;
}

/** Before protocol 3 bytes are pickled as the text that has those code points. */
function toBytes([text, encoding]: readonly unknown[]): unknown {
  if (typeof text !== 'string' || encoding !== 'latin1') return text;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function rowStrides(shape: readonly unknown[]): number[] {
  return fortranStrides(shape.toReversed() as number[]).toReversed();
}
