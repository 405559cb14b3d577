import { join } from './join';
import type { Random } from './random';

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Numbers at which readers break. */
export const EDGES = [
  0,
  1,
  2,
  7,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  2 ** 40,
  2 ** 53,
  2 ** 63,
];
const DIGITS = /\d+/g;
/** Headers and directories are short text. Numbers beyond this offset are data. */
const TEXT_BYTES = 4096;

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  setBytes,
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, random) => cut(bytes, random),
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), noise(random)),
  repeat,
  setNumber,
  setNumber,
  setDigits,
  setDigits,
  setOperand,
  setZipField,
  (bytes, random, other) =>
    join(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))),
];

/** Makes one random change, rarely up to four, and may take parts from `other`. Never changes its arguments. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes;
  for (let change = random.pick([0, 0, 0, 1, 1, 2, 3]); change >= 0; change--) {
    mutated = random.pick(MUTATIONS)(mutated, random, other);
    if (mutated.length === 0) break;
  }
  return mutated;
}

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = bytes.slice();
  for (let count = random.below(8); count >= 0; count--) {
    flipped[random.below(Math.max(1, flipped.length))]! ^= 1 << random.below(8);
  }
  return flipped;
}

function setBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const set = bytes.slice();
  const at = random.below(Math.max(1, set.length));
  set.fill(random.pick([0, 1, 0x2e, 0x7f, 0x80, 0xff]), at, at + 1 + random.below(16));
  return set;
}

function cut(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(Math.max(1, bytes.length));
  return join(bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(64)));
}

function repeat(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(Math.max(1, bytes.length));
  return insert(bytes, from, bytes.slice(from, from + 1 + random.below(256)));
}

/** A little-endian number of 1, 2, 4 or 8 bytes: lengths, offsets, sizes. */
function setNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const size = random.pick([1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  // Half of the changes are in the head or the tail, where headers and directories are.
  const near = Math.min(bytes.length, 128);
  const spots = [random.below(bytes.length), random.below(near), bytes.length - 1 - random.below(near)];
  const at = Math.max(0, Math.min(random.pick(spots), bytes.length - size));
  return writeNumber(
    bytes,
    at,
    size,
    random.pick([...EDGES, bytes.length, bytes.length - 1, random.below(2 ** 31)]),
  );
}

/** Writes a little-endian number into a copy; what does not fit is cut off. */
function writeNumber(bytes: Uint8Array, at: number, size: number, number: number): Uint8Array {
  const written = bytes.slice();
  let value = BigInt(number);
  for (let byte = 0; byte < size && at + byte < written.length; byte++, value >>= 8n) {
    written[at + byte] = Number(value & 255n);
  }
  return written;
}

/** The integer behind a pickle's BININT1, BININT2 or BININT: sizes, strides, offsets, counts. */
function setOperand(bytes: Uint8Array, random: Random): Uint8Array {
  const sizes = new Map([
    [0x4b, 1],
    [0x4d, 2],
    [0x4a, 4],
  ]);
  const spots = [...bytes.subarray(0, TEXT_BYTES).keys()].filter((at) => sizes.has(bytes[at]!));
  if (spots.length === 0) return setNumber(bytes, random);
  const at = random.pick(spots);
  return writeNumber(bytes, at + 1, sizes.get(bytes[at]!)!, random.pick(EDGES));
}

/** Offset and bytes of the fields of a central directory entry. */
const ZIP_FIELDS: readonly (readonly [number, number])[] = [
  ...[8, 10, 28, 30].map((offset) => [offset, 2] as const),
  ...[12, 16, 20, 24, 42].map((offset) => [offset, 4] as const),
];

/** A field of a zip's central directory or of its end: flags, method, checksum, sizes, lengths, offsets. */
function setZipField(bytes: Uint8Array, random: Random): Uint8Array {
  const entries: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (bytes[at] === 0x50 && bytes[at + 1] === 0x4b && (bytes[at + 2] === 1 || bytes[at + 2] === 5))
      entries.push(at);
  }
  if (entries.length === 0) return setNumber(bytes, random);
  const [offset, size] = random.pick(ZIP_FIELDS);
  return writeNumber(bytes, random.pick(entries) + offset, size, random.pick([...EDGES, bytes.length]));
}

/** Replaces a decimal number of a header (shapes and offsets in JSON and npy) by one of the same length. */
function setDigits(bytes: Uint8Array, random: Random): Uint8Array {
  const text = String.fromCharCode(...bytes.subarray(0, TEXT_BYTES));
  const runs = [...text.matchAll(DIGITS)];
  if (runs.length === 0) return flipBits(bytes, random);
  const { index, 0: old } = random.pick(runs);
  const wild = String(random.pick([...EDGES, bytes.length, -1]));
  const same = random.below(3) > 0;
  const fitted = same ? wild.padStart(old.length, random.pick(['0', ' ', '9'])).slice(-old.length) : wild;
  const digits = new TextEncoder().encode(fitted);
  return join(bytes.subarray(0, index), digits, bytes.subarray(index + old.length));
}

function noise(random: Random): Uint8Array {
  return Uint8Array.from({ length: 1 + random.below(32) }, () => random.below(256));
}

function insert(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, at), part, bytes.subarray(at));
}
