import { LeapError } from '../../errors';
import { PickleBytes } from './pickle-bytes';

/** What a pickle may do beyond plain data. Values are data, `unknown` to the machine. */
export interface PickleHost {
  /** What stands for a class or function of that full name. It is never looked up. */
  findGlobal(name: string): unknown;
  /** REDUCE and NEWOBJ: what `callee(...args)` would make. */
  call(callee: unknown, args: readonly unknown[]): unknown;
  /** BUILD: gives an object its state. */
  build(target: unknown, state: unknown): void;
  /** Data that lives outside the pickle. */
  loadPersistent(id: unknown): unknown;
}

/** Any pickle may have as many steps and make as many objects. A checkpoint of 3000 tensors has about 120 000 steps. */
const FREE = 2 ** 20;
/**
 * Larger pickles may have more: torch writes about three bytes a step, and for each object the number by which it is
 * recalled. A pickle of fewer bytes would fill the memory and nothing else.
 */
const BYTES_PER_STEP = 2;
const BYTES_PER_OBJECT = 16;
/** A longer integer is dropped: it cannot be a size, and computing it takes long. */
const MAX_INTEGER_BYTES = 255;
const MARK = Symbol('mark');

/**
 * Reads a pickle (protocols 2 to 5) as data: numbers, strings, lists and tuples (arrays), dicts (Maps), and what the
 * host makes. Only the host looks classes up, and nothing is executed.
 * Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 * @throws LeapError `damaged-file`, `unsupported` (opcode), `too-large`
 */
export function unpickle(bytes: Uint8Array, host: PickleHost): unknown {
  return unpickleAt(bytes, 0, host).value;
}

/** One pickle of several that follow each other, and where it ends. Throws as {@link unpickle}. */
export function unpickleAt(
  bytes: Uint8Array,
  start: number,
  host: PickleHost,
): { value: unknown; end: number } {
  const input = new PickleBytes(bytes.subarray(start));
  const length = bytes.length - start;
  const machine = new Machine(input, host, FREE + length / BYTES_PER_OBJECT);
  const maxSteps = FREE + length / BYTES_PER_STEP;
  for (let step = 0; step < maxSteps; step++) {
    if (machine.step()) return { value: machine.result(), end: start + input.position };
  }
  throw tooLarge('steps');
}

class Machine {
  readonly #in: PickleBytes;
  readonly #host: PickleHost;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  /** How many objects it may still make. */
  #left: number;

  constructor(input: PickleBytes, host: PickleHost, maxObjects: number) {
    this.#in = input;
    this.#host = host;
    this.#left = maxObjects;
  }

  result(): unknown {
    return this.#pop();
  }

  /** One opcode. @returns true at the end */
  step(): boolean {
    const opcode = this.#in.uint8();
    const run = OPCODES.get(opcode);
    if (!run) {
      const shown = opcode.toString(16).padStart(2, '0');
      throw new LeapError('unsupported', `The pickle uses the opcode 0x${shown}, which is not read here.`, {
        opcode,
      });
    }
    return run(this, this.#in) === END;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Pushes an object that was not there before. */
  make(value: unknown): void {
    if (--this.#left < 0) throw tooLarge('objects');
    this.push(value);
  }

  pop(): unknown {
    return this.#pop();
  }

  /** Everything above the last mark, which goes too. */
  popMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw damaged('has no mark where one belongs');
    const items = this.#stack.splice(at);
    items.shift();
    return items;
  }

  peek(): unknown {
    const top = this.#stack.at(-1);
    if (this.#stack.length === 0 || top === MARK) throw damaged('takes from an empty stack');
    return top;
  }

  remember(key: number): void {
    this.#memo.set(key, this.peek());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(key: number): void {
    if (!this.#memo.has(key)) throw damaged('recalls what it has not remembered');
    this.push(this.#memo.get(key));
  }

  global(module: string, name: string): void {
    this.make(this.#host.findGlobal(`${module}.${name}`));
  }

  reduce(): void {
    const args = this.#pop();
    const callee = this.#pop();
    if (!Array.isArray(args)) throw damaged('calls without a tuple of arguments');
    this.make(this.#host.call(callee, args));
  }

  persistent(): void {
    this.make(this.#host.loadPersistent(this.#pop()));
  }

  build(): void {
    const state = this.#pop();
    this.#host.build(this.peek(), state);
  }

  add(items: unknown[]): void {
    const set = this.peek();
    if (!(set instanceof Set)) throw damaged('adds to something that is not a set');
    for (const item of items) set.add(item);
  }

  setItems(items: unknown[]): void {
    const dict = this.peek();
    if (isPlain(dict) && !(dict instanceof Map)) throw damaged('sets items of something that is not a dict');
    if (items.length % 2 !== 0) throw damaged('sets a key without a value');
    if (!(dict instanceof Map)) return;
    for (let at = 0; at < items.length; at += 2) dict.set(items[at], items[at + 1]);
  }

  append(items: unknown[]): void {
    const list = this.peek();
    if (isPlain(list) && !Array.isArray(list)) throw damaged('appends to something that is not a list');
    if (!Array.isArray(list)) return;
    for (const item of items) list.push(item);
  }

  #pop(): unknown {
    const value = this.peek();
    this.#stack.pop();
    return value;
  }
}

/** Whether it was made here. What the host made may stand for a list or a dict of an unknown class. */
function isPlain(value: unknown): boolean {
  const made = Object.getPrototypeOf(value ?? Object.prototype);
  return (
    typeof value !== 'object' ||
    value === null ||
    [Array, Map, Set, Uint8Array].some((type) => made === type.prototype)
  );
}

const END = Symbol('end');
type Run = (machine: Machine, input: PickleBytes) => unknown;

const OPCODES = new Map<number, Run>([
  [0x80, (_, input) => input.uint8()], // PROTO
  [0x95, (_, input) => input.take(8)], // FRAME
  [0x2e, () => END], // STOP
  [0x28, (machine) => machine.push(MARK)],
  [0x30, (machine) => machine.pop()], // POP
  [0x32, (machine) => machine.push(machine.peek())], // DUP
  // Constants
  [0x4e, (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  [0x4b, (machine, input) => machine.push(input.uint8())],
  [0x4d, (machine, input) => machine.push(input.uint16())],
  [0x4a, (machine, input) => machine.push(input.int32())],
  [0x8a, (machine, input) => machine.push(readLong(input, input.uint8()))],
  [0x8b, (machine, input) => machine.push(readLong(input, input.uint32()))],
  [0x47, (machine, input) => machine.push(input.float64())],
  [0x58, (machine, input) => machine.push(input.text(input.uint32()))],
  [0x8c, (machine, input) => machine.push(input.text(input.uint8()))],
  [0x8d, (machine, input) => machine.push(input.text(input.uint64()))],
  [0x54, (machine, input) => machine.push(input.text(input.uint32()))],
  [0x55, (machine, input) => machine.push(input.text(input.uint8()))],
  [0x42, (machine, input) => machine.push(input.take(input.uint32()))],
  [0x43, (machine, input) => machine.push(input.take(input.uint8()))],
  [0x8e, (machine, input) => machine.push(input.take(input.uint64()))],
  [0x96, (machine, input) => machine.push(input.take(input.uint64()))],
  // Containers; a tuple is an array too
  [0x7d, (machine) => machine.make(new Map())],
  [0x5d, (machine) => machine.make([])],
  [0x29, (machine) => machine.make([])],
  [0x74, (machine) => machine.make(machine.popMark())],
  [0x85, (machine) => machine.make([machine.pop()])],
  [0x86, (machine) => machine.make([machine.pop(), machine.pop()].reverse())],
  [0x87, (machine) => machine.make([machine.pop(), machine.pop(), machine.pop()].reverse())],
  [0x73, (machine) => machine.setItems([machine.pop(), machine.pop()].reverse())],
  [0x75, (machine) => machine.setItems(machine.popMark())],
  [0x8f, (machine) => machine.make(new Set())],
  [0x90, (machine) => machine.add(machine.popMark())],
  [0x91, (machine) => machine.make(new Set(machine.popMark()))],
  [0x61, (machine) => machine.append([machine.pop()])],
  [0x65, (machine) => machine.append(machine.popMark())],
  // Memo
  [0x71, (machine, input) => machine.remember(input.uint8())],
  [0x72, (machine, input) => machine.remember(input.uint32())],
  [0x94, (machine) => machine.memoize()],
  [0x68, (machine, input) => machine.recall(input.uint8())],
  [0x6a, (machine, input) => machine.recall(input.uint32())],
  // Through the host
  [0x63, (machine, input) => machine.global(input.line(), input.line())],
  [0x93, (machine) => pushStackGlobal(machine)],
  [0x51, (machine) => machine.persistent()],
  [0x52, (machine) => machine.reduce()],
  [0x81, (machine) => machine.reduce()],
  [0x62, (machine) => machine.build()],
]);

function pushStackGlobal(machine: Machine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string')
    throw damaged('names a class by something that is not a string');
  machine.global(module, name);
}

/** Two's complement, little-endian. Above 2^53 it is the nearest number, which would matter only for a size. */
function readLong(input: PickleBytes, length: number): number {
  const bytes = input.take(length);
  if (length > MAX_INTEGER_BYTES) return Number.NaN;
  let value = 0;
  for (let at = length - 1; at >= 0; at--) value = value * 256 + bytes[at]!;
  return length > 0 && bytes[length - 1]! >= 128 ? value - 256 ** length : value;
}

function tooLarge(what: string): LeapError {
  return new LeapError('too-large', `The pickle has more ${what} than a file of its size can need.`);
}

function damaged(what: string): LeapError {
  return new LeapError('damaged-file', `The pickle ${what}.`);
}
