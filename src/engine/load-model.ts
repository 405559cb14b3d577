import { readSafetensorsHeader } from '../formats';
import { readLuaConfig } from '../graph';
import type { LuaConfig, WeightsFile } from '../graph/types';
import type { CatalogEntry, DownloadProgress, WeightsSource } from '../weights/types';

/** A catalogue entry with its bytes. */
export interface LoadedModel {
  entry: CatalogEntry;
  /** For the graph builders, in the entry's order, under short names of their own. */
  files: WeightsFile[];
  /** The same names -> bytes, for the runtime. */
  weights: ReadonlyMap<string, Uint8Array>;
  luaConfig(): LuaConfig;
}

/** @throws LeapError of the weights source, `damaged-file` */
export async function loadModel(
  source: WeightsSource,
  entry: CatalogEntry,
  options: { signal?: AbortSignal; onProgress?: (progress: DownloadProgress) => void },
): Promise<LoadedModel> {
  const loaded = await source.load(entry, options);
  const weights = new Map<string, Uint8Array>();
  const files = entry.files.map(({ path }, i) => {
    const bytes = loaded.get(path)!;
    // A path may be an address; inside an ONNX model it must be a plain file name.
    const name = `weights-${i}.safetensors`;
    weights.set(name, bytes);
    return { path: name, header: readSafetensorsHeader(bytes, bytes.byteLength) };
  });
  return { entry, files, weights, luaConfig: () => readLuaConfig(files) };
}
