import { LeapError } from '../../errors';
import { bytesPer, countElements } from '../dtypes';
import type { NamedTensor, TensorFile } from '../types';
import { readSafetensorsHeader } from './safetensors-header';

/** Every tensor of a safetensors file as a view into `file`: nothing is copied. */
export function readSafetensors(file: Uint8Array): TensorFile {
  const header = readSafetensorsHeader(file, file.length);
  const tensors = [...header.entries.values()].map(({ name, dtype, shape, begin, end }) => ({
    name,
    dtype,
    shape,
    bytes: file.subarray(begin, end),
  }));
  return { container: 'safetensors', tensors, metadata: header.metadata, leftOut: header.leftOut ?? [] };
}

/**
 * A safetensors file. Tensors are laid out as the reference writer does it: widest dtype first, then by name, so
 * that each begins at a multiple of its element size; the header is padded with spaces to a multiple of 8.
 * @throws LeapError `bad-option` when a tensor's bytes do not fit its shape, or two have one name
 */
export function writeSafetensors(
  tensors: NamedTensor[],
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = tensors.toSorted(
    (a, b) => bytesPer(b.dtype) - bytesPer(a.dtype) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let end = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    if (countElements(shape, `the tensor ${name}`) * bytesPer(dtype) !== bytes.length) {
      throw new LeapError(
        'bad-option',
        `The tensor ${name} has ${bytes.length} bytes, which do not fit its shape.`,
      );
    }
    entries.push([name, { dtype, shape, data_offsets: [end, end + bytes.length] }]);
    end += bytes.length;
  }
  const names = new Set(entries.map(([name]) => name));
  if (names.size !== entries.length) throw new LeapError('bad-option', 'Two tensors have the same name.');

  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const { bytes } of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
