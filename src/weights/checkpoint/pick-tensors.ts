import type { SafetensorsHeader, TensorEntry } from '../../formats/types';

/** A stretch of the file, in bytes, and the tensors in it. */
export interface Stretch {
  begin: number;
  end: number;
  /** In the order of their bytes. */
  entries: TensorEntry[];
}

/** Tensors that are closer together than this are fetched in one request: the gap costs less than another request. */
const MAX_GAP = 128 * 1024;

/**
 * The parts of a safetensors file that hold the wanted tensors.
 *
 * @param keep prefixes of names; undefined: every tensor
 * @param have names of tensors that are already here
 */
export function pickTensors(
  header: SafetensorsHeader,
  keep: readonly string[] | undefined,
  have: ReadonlySet<string> = new Set(),
): Stretch[] {
  const wanted = [...header.entries.values()].filter(
    ({ name }) => !have.has(name) && (!keep || keep.some((prefix) => name.startsWith(prefix))),
  );
  wanted.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const stretches: Stretch[] = [];
  for (const entry of wanted) {
    const last = stretches.at(-1);
    if (last && entry.begin - last.end <= MAX_GAP) {
      last.end = Math.max(last.end, entry.end);
      last.entries.push(entry);
    } else stretches.push({ begin: entry.begin, end: entry.end, entries: [entry] });
  }
  return stretches;
}
