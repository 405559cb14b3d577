import { unzipSync, zipSync } from 'fflate';
import { mutate } from './mutate';
import type { Random } from './random';

/**
 * Mutates what is inside a container and closes it again with the right lengths and checksums, so that the change
 * gets past the outer checks. Text files and files without a container are mutated as they are.
 */
export function rebuild(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return rebuildZip(bytes, other, random);
  if (bytes[8] === 0x7b)
    return rebuildHeader(bytes, other, random, 8, (view, length) => {
      view.setBigUint64(0, BigInt(length), true);
    });
  if (bytes[0] === 0x93 && bytes[6] === 1)
    return rebuildHeader(bytes, other, random, 10, (view, length) => {
      view.setUint16(8, length, true);
    });
  return mutate(bytes, other, random);
}

/** Chooses a member of the archive: most often the pickle, if there is one. */
function rebuildZip(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const members = unzipSync(bytes);
  const names = Object.keys(members);
  const pickle = names.find((name) => name.endsWith('data.pkl'));
  const name = pickle && random.below(4) > 0 ? pickle : random.pick(names);
  members[name] = new Uint8Array(mutate(members[name]!, other, random));
  if (random.below(8) === 0) delete members[random.pick(names)];
  return zipSync(members, { level: random.pick([0, 1]) });
}

/** Mutates the text of a header that stands behind its length, which `setLength` writes. */
function rebuildHeader(
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
  start: number,
  setLength: (view: DataView, length: number) => void,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = start === 8 ? Number(view.getBigUint64(0, true)) : view.getUint16(8, true);
  const header = mutate(bytes.subarray(start, start + length), other.subarray(0, 256), random);
  const rebuilt = new Uint8Array(start + header.length + bytes.length - start - length);
  rebuilt.set(bytes.subarray(0, start));
  rebuilt.set(header, start);
  rebuilt.set(bytes.subarray(start + length), start + header.length);
  setLength(new DataView(rebuilt.buffer), Math.min(header.length, 0xffff));
  return rebuilt;
}
