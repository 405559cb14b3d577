import { beginsAsTorch, readSafetensorsHeader, readTensorFile } from '../../formats';
import { type LoadedWeights, packWeights, widenBfloat16 } from '../../graph';
import type { WeightsFile } from '../../graph/types';
import type { CatalogEntry, DownloadProgress, WeightsSource } from '../../weights/types';

/** A catalogue entry with its bytes. */
export interface LoadedModel {
  entry: CatalogEntry;
  /** The version of its bytes, as `WeightsSource.version` says it. */
  version: string | undefined;
  /** For the graph builders, in the entry's order, under short names of their own. */
  files: WeightsFile[];
  /** The same names -> bytes, for the runtime. */
  weights: ReadonlyMap<string, Uint8Array>;
}

/** @throws LeapError of the weights source, `damaged-file` */
export async function loadModel(
  source: WeightsSource,
  entry: CatalogEntry,
  options: { signal?: AbortSignal; onProgress?: (progress: DownloadProgress) => void },
): Promise<LoadedModel> {
  const loaded = await source.load(entry, options);
  // A path may be an address; inside an ONNX model it must be a plain file name.
  const parts = entry.files.map(({ path }, i) => readWeights(loaded.get(path)!, `weights-${i}`));
  const files = parts.map(({ file }) => file);
  return {
    entry,
    version: source.version(entry),
    files,
    weights: new Map(parts.map(({ file, bytes }) => [file.path, bytes])),
  };
}

/**
 * A weights file as it comes: safetensors, or a torch.save archive, as LUA's authors and TAEF2 publish them.
 * @throws LeapError `damaged-file`
 */
export function readWeights(bytes: Uint8Array, path: string): LoadedWeights {
  if (beginsAsTorch(bytes)) return widenBfloat16(packWeights(readTensorFile(bytes).tensors, { path }));
  const header = readSafetensorsHeader(bytes, bytes.byteLength);
  return widenBfloat16({ file: { path, header }, bytes });
}
