import { crc32 } from '../../../src/formats';
import { join } from '../join';
import { EDGES, mutate } from '../mutate';
import type { Random } from '../random';

/** Mutates a picture where its kind keeps lengths and sizes, or anywhere. */
export function mutatePicture(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes;
  for (let change = random.below(3); change >= 0; change--) {
    mutated = random.below(3) === 0 ? mutate(mutated, other, random) : mutateKnown(mutated, other, random);
    if (mutated.length === 0) break;
  }
  return mutated;
}

function mutateKnown(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  if (bytes[0] === 0x89) return mutatePng(bytes, random);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return mutateJpeg(bytes, random);
  if (text(bytes, 8, 4) === 'WEBP')
    return setNumber(bytes, random.pick([4, 16, 21, 24, 26, 27, 28]), random, true);
  if (text(bytes, 4, 4) === 'ftyp') return mutateBoxes(bytes, random);
  return mutate(bytes, other, random);
}

interface Chunk {
  type: string;
  data: Uint8Array;
}

/** A change of its chunks, with checksums put right most of the time. */
function mutatePng(bytes: Uint8Array, random: Random): Uint8Array {
  const chunks = readChunks(bytes);
  if (chunks.length === 0) return setNumber(bytes, 16, random, false);
  const at = random.below(chunks.length);
  const chunk = chunks[at]!;
  switch (random.below(7)) {
    case 0:
      chunks[0] = { ...chunks[0]!, data: setNumber(chunks[0]!.data, random.pick([0, 4, 8]), random, false) };
      break;
    case 1:
      chunks.splice(at, 1);
      break;
    case 2:
      for (let i = random.pick([1, 10, 1000]); i > 0; i--) chunks.splice(at, 0, chunk);
      break;
    case 3:
      chunk.type = random.pick(['IDAT', 'IHDR', 'IEND', 'tEXt', 'zTXt', 'iCCP', '\0\0\0\0', 'ABCD']);
      break;
    case 4:
      chunks.splice(random.pick([1, at]), 0, makeText(random));
      break;
    case 5:
      if (chunk.data.length > 0) chunk.data = mutate(chunk.data, chunks[0]!.data, random);
      break;
    default:
      return setNumber(writeChunks(chunks), offsetOf(chunks, at), random, false);
  }
  return writeChunks(chunks, random.below(8) === 0);
}

function makeText(random: Random): Chunk {
  const keyword = random.pick(['prompt', 'workflow', '', '__proto__', 'Comment']);
  const value = random.pick(['{}', '{"1":{}}', '[', '\0', '{'.repeat(20_000), '"'.repeat(3000), 'ü']);
  const data = Uint8Array.from(`${keyword}${random.pick(['\0', ''])}${value}`, (one) => one.charCodeAt(0));
  return { type: 'tEXt', data };
}

function readChunks(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length && chunks.length < 5000; ) {
    const length = view.getUint32(at);
    chunks.push({ type: text(bytes, at + 4, 4), data: bytes.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function writeChunks(chunks: readonly Chunk[], wrongSums = false): Uint8Array {
  const parts = chunks.map(({ type, data }) => {
    const part = new Uint8Array(12 + data.length);
    const view = new DataView(part.buffer);
    view.setUint32(0, data.length);
    for (let i = 0; i < 4; i++) part[4 + i] = type.charCodeAt(i);
    part.set(data, 8);
    view.setUint32(part.length - 4, crc32(part.subarray(4, part.length - 4)) ^ Number(wrongSums));
    return part;
  });
  return join(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), ...parts);
}

const offsetOf = (chunks: readonly Chunk[], at: number): number =>
  chunks.slice(0, at).reduce((sum, { data }) => sum + 12 + data.length, 8);

/** A segment's marker, length or frame size; segments more, or fewer. */
function mutateJpeg(bytes: Uint8Array, random: Random): Uint8Array {
  const starts = segmentsOf(bytes);
  const at = random.pick(starts);
  switch (random.below(5)) {
    case 0:
      return setNumber(bytes, at + 2, random, false, 2);
    case 1: {
      const marked = bytes.slice();
      marked[at + 1] = random.pick([0x00, 0xc0, 0xc2, 0xc4, 0xd8, 0xd9, 0xda, 0xe1, 0xfe, 0xff]);
      return marked;
    }
    case 2: {
      const frame = starts.find((start) => bytes[start + 1]! >= 0xc0 && bytes[start + 1]! <= 0xc2) ?? at;
      return setNumber(bytes, frame + random.pick([5, 7]), random, false, 2);
    }
    case 3: {
      const length = random.pick([0, 2, 100, 0xffff]);
      const segment = join(
        Uint8Array.of(0xff, random.pick([0xe1, 0xfe]), length >> 8, length & 255),
        new Uint8Array(Math.max(0, length - 2)),
      );
      const many = Array.from({ length: random.pick([1, 20]) }, () => segment);
      return join(bytes.subarray(0, 2), ...many, bytes.subarray(2));
    }
    default:
      return join(bytes.subarray(0, at), bytes.subarray(random.pick(starts)));
  }
}

function segmentsOf(bytes: Uint8Array): number[] {
  const starts = [2];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    starts.push(at);
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  return starts;
}

/** Sizes of boxes, and what a box says of the picture's size. */
function mutateBoxes(bytes: Uint8Array, random: Random): Uint8Array {
  const spots = [...bytes.keys()].filter((at) =>
    /^(ispe|meta|iprp|ipco|iloc|mdat)$/.test(text(bytes, at, 4)),
  );
  if (spots.length === 0) return setNumber(bytes, 0, random, false);
  const at = random.pick(spots);
  return setNumber(bytes, at + random.pick(text(bytes, at, 4) === 'ispe' ? [8, 12] : [-4]), random, false);
}

function setNumber(bytes: Uint8Array, at: number, random: Random, little: boolean, size = 4): Uint8Array {
  const set = bytes.slice();
  let value = BigInt(random.pick([...EDGES, 16_384, 16_385, bytes.length, random.below(2 ** 31)]));
  for (let i = 0; i < size; i++, value >>= 8n) {
    const place = little ? at + i : at + size - 1 - i;
    if (place >= 0 && place < set.length) set[place] = Number(value & 255n);
  }
  return set;
}

const text = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));
