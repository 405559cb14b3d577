import type { Random } from './random';

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Numbers at which readers break. */
const EDGES = [
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
/** Headers and directories are text and short: numbers beyond are data. */
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
  (bytes, random, other) =>
    join(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))),
];

/** One random change, seldom up to four; `other` lends its parts. Never changes its arguments. */
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
  const set = bytes.slice();
  const size = random.pick([1, 2, 4, 8]);
  if (set.length < size) return set;
  // Half of them in the head or the tail, where headers and directories are.
  const near = Math.min(set.length, 128);
  const spots = [random.below(set.length), random.below(near), set.length - 1 - random.below(near)];
  const at = Math.max(0, Math.min(random.pick(spots), set.length - size));
  let value = BigInt(random.pick([...EDGES, bytes.length, bytes.length - 1, random.below(2 ** 31)]));
  for (let byte = 0; byte < size; byte++, value >>= 8n) set[at + byte] = Number(value & 255n);
  return set;
}

/** A decimal number of a header: shapes and offsets of JSON and of npy. Of the same length, so that the rest stays. */
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

function join(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
