import type { FamilyId, Space } from '../latent/types';

export type ModelKind = 'lua' | 'decoder' | 'encoder';
export type Architecture =
  | 'lua'
  | 'leap-decoder'
  | 'leap-encoder'
  | 'taesd-decoder'
  | 'taesd-encoder'
  | 'kl-decoder'
  | 'kl-encoder';

/** A weights file of the catalogue. */
export interface CatalogFile {
  /** Relative to the catalogue, or an absolute https address with a pinned revision. */
  path: string;
  bytes: number;
  /** Lower-case hex. The key of the stored copy, so files of two revisions never meet. */
  sha256: string;
}

export interface CatalogEntry {
  /** Stable and unique, for example `lua-s-flux1`. */
  id: string;
  kind: ModelKind;
  architecture: Architecture;
  label: string;
  family: FamilyId;
  /** The space that the model takes (and, for LUA, gives). */
  space: Space;
  /** LUA: the factors its heads offer. */
  scales?: number[];
  /** In this order they make up the model; a file may be shared by several entries. */
  files: CatalogFile[];
  /** Ships with the page. Otherwise the files are addresses at a hub, fetched when the model is first chosen. */
  embedded: boolean;
  licence: string;
  source: string;
  /** Prebuilt `.onnx` graphs beside the weights, for other runtimes. */
  graphs: {
    path: string;
    bytes: number;
    sha256: string;
    precision: 'fp16' | 'fp32';
    scale: number;
    height: number;
    width: number;
  }[];
}

export interface Catalog {
  version: 1;
  models: CatalogEntry[];
}

/** What is known about a catalogue entry on this machine. */
export interface ModelStatus {
  id: string;
  label: string;
  kind: ModelKind;
  family: FamilyId;
  embedded: boolean;
  licence: string;
  source: string;
  /** Bytes of all files, and how many of them are stored. */
  bytes: number;
  cachedBytes: number;
}

/** Where weights are kept between visits. Keys are `sha256` values; values are the whole file. */
export interface WeightsStore {
  /** @throws LeapError `damaged-file` when the entry is there, but not whole. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** @throws LeapError `quota` when the store is full. */
  set(key: string, bytes: Uint8Array): Promise<void>;
  has(key: string): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Bytes per key, without loading the data. */
  sizes(): Promise<Map<string, number>>;
  clear(): Promise<void>;
}

/** Over all files of the model that is being loaded; `file` is the one that came on last. */
export interface DownloadProgress {
  file: string;
  loadedBytes: number;
  totalBytes: number;
}

/** Notices that are no errors: the store is full, an entry was damaged and fetched again. */
export interface WeightsNotice {
  code: 'quota' | 'damaged-entry' | 'not-persistent';
  message: string;
}

/** Hands the engine the bytes of a model's files, from the store or from the network. */
export interface WeightsSource {
  readonly catalog: Catalog;
  /** @returns path -> bytes for every file of the entry. Concurrent loads may share the arrays: do not write to them. */
  load(
    entry: CatalogEntry,
    options?: { signal?: AbortSignal; onProgress?: (progress: DownloadProgress) => void },
  ): Promise<Map<string, Uint8Array>>;
  status(): Promise<ModelStatus[]>;
  clearCache(): Promise<void>;
}

/** A source that keeps what it fetched. */
export interface ManagedWeights extends WeightsSource {
  /** Deletes the stored files of one model, except those that another completely stored model needs too. */
  remove(id: string): Promise<void>;
}
