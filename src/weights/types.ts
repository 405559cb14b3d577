import type { Architecture } from '../graph/architectures';
import type { ModelKind } from '../graph/types';
import type { FamilyId, Space } from '../latent/types';

export type { Architecture, ModelKind };

/** A weights file of the catalogue. */
export interface CatalogFile {
  /** Relative to the catalogue, or an absolute https address with a revision in it. */
  path: string;
  /** Bytes of the whole file as the server has it; 0 where only the server knows. */
  bytes: number;
  /**
   * Digest of the whole file, in lower-case hex. Files of the page always have it, and are stored under it. A file of a hub
   * may lack it. Then a digest is taken at the first download, and protects what was made of the file.
   */
  sha256?: string;
  /** Files of a hub: only tensors whose names begin with one of these are fetched; absent: all of them. */
  keep?: string[];
  /**
   * Files of a hub; `safetensors` where nothing is said. A `torch-zip` is fetched whole and kept as it is. An `onnx`, an
   * upscaler of pictures, is fetched whole and kept with what was found out about it.
   */
  container?: 'safetensors' | 'torch-zip' | 'onnx';
}

/** A file that is known to the byte, and stored under its hash. */
export type KnownFile = CatalogFile & { sha256: string };

export interface CatalogEntry {
  /** Stable and unique, for example `lua-s-flux1`. */
  id: string;
  kind: ModelKind;
  architecture: Architecture;
  label: string;
  family: FamilyId;
  /** The space that the model takes (and, for LUA, gives). */
  space: Space;
  /** Latent upscalers: the factors that they offer; or the least and the greatest of any in between. */
  scales?: number[];
  scaleRange?: [number, number];
  /** In this order they make up the model; a file may be shared by several entries. */
  files: CatalogFile[];
  /** Ships with the page. Otherwise the files are addresses at a hub, fetched when the model is first chosen. */
  embedded: boolean;
  licence: string;
  source: string;
  /** The hub asks for an account and for consent before it gives the file. */
  gated?: boolean;
  /** Address of the model's own page, for people. */
  page?: string;
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

/** What is known about a model on this machine. Texts may come from strangers: show them as text only. */
export interface ModelStatus {
  id: string;
  label: string;
  kind: ModelKind;
  architecture: Architecture;
  family: FamilyId;
  /** The space that the model takes. */
  space: Space;
  /** Latent upscalers: the factors that they offer; or the least and the greatest of any in between. */
  scales?: number[];
  scaleRange?: [number, number];
  embedded: boolean;
  /** Added by a person, from a file or an address; not in the catalogue. */
  custom: boolean;
  /** Kept offline: neither `clearCache` nor a lack of room deletes it. */
  pinned: boolean;
  licence: string;
  source: string;
  gated?: boolean;
  page?: string;
  /** Commit at the hub that the stored copy is of; before the first download: the one in the catalogue, if any. */
  revision?: string;
  /**
   * Bytes of all files. Once they are stored it is their size in the store; before, their size at the server, although
   * possibly only some tensors are fetched. 0 where only the server knows.
   */
  bytes: number;
  /** How many of them are stored. */
  cachedBytes: number;
  /** Everything is stored: the model works without a connection. */
  complete: boolean;
}

/** A network that was found in a file that may be added. */
export interface ModelPart {
  kind: ModelKind;
  architecture: Architecture;
  /** Channels of the latent. */
  channels: number;
  /** Those whose latents have so many channels. The file does not tell for which of them it was trained. */
  families: FamilyId[];
  /** The one that the file's name speaks of, if any. */
  namedFamily?: FamilyId;
  scales?: number[];
  scaleRange?: [number, number];
  /** The file does not tell its factor. It is one of these, and `ModelWish.scale` says which. */
  askScale?: number[];
  /** The one that the file's name says, if any. */
  namedScale?: number;
}

/** What a person says about a model that they add; the rest is read from the file. */
export interface ModelWish {
  family: FamilyId;
  /** The part to take if the file holds more than one; default: the decoder. */
  kind?: ModelKind;
  /** The factor of a latent upscaler whose file does not tell it; default: what the file's name says. */
  scale?: number;
  /** Default: the file's name. */
  label?: string;
}

/** Where weights are kept between visits, with the notes about them: `store/store-keys.ts` has the grammar of the keys. */
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

/** Over all files of the model that is being loaded; `file` is the name of the one that came on last. */
export interface DownloadProgress {
  file: string;
  loadedBytes: number;
  /** 0 while no server has said it. */
  totalBytes: number;
}

export interface LoadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: DownloadProgress) => void;
}

/** Notices that are not errors: the store is full, an entry was damaged and fetched again, and the like. */
export interface WeightsNotice {
  code: 'quota' | 'damaged-entry' | 'not-persistent' | 'evicted' | 'old-catalog';
  message: string;
}

/** Hands the engine the bytes of a model's files, from the store or from the network. */
export interface WeightsSource {
  /** With the models that were added on this machine. */
  readonly catalog: Catalog;
  /** @returns path -> bytes for every file of the entry. Concurrent loads may share the arrays: do not write to them. */
  load(entry: CatalogEntry, options?: LoadOptions): Promise<Map<string, Uint8Array>>;
  /** Names the bytes that are stored of an entry, other bytes otherwise; undefined where some are not known yet. */
  version(entry: CatalogEntry): string | undefined;
  status(): Promise<ModelStatus[]>;
  /** Deletes what is stored, except pinned models. */
  clearCache(): Promise<void>;
}

/** A source that keeps what it fetched. Ids that are not known reject with `no-model`. */
export interface ManagedWeights extends WeightsSource {
  /** Takes notice of what other workers and tabs have added, fetched and pinned meanwhile. */
  refresh(): Promise<void>;
  /** Downloads a model ahead of its use. */
  fetch(id: string, options?: LoadOptions): Promise<ModelStatus>;
  /** Keeps a model offline, fetching it if needed, or lets it go again (nothing is deleted then). */
  pin(id: string, pinned: boolean, options?: LoadOptions): Promise<ModelStatus>;
  /**
   * Adds a checkpoint: a file, or the https address of one. The next visit has it too.
   *
   * @throws LeapError `unsupported` for a network that is not known, `bad-option` for another family's,
   *   `forbidden-address`, `gated`, `quota`, and what readers and downloads throw
   */
  add(source: Blob | string, wish: ModelWish, options?: LoadOptions): Promise<ModelStatus>;
  /**
   * Deletes the stored files of one model. A file stays if another completely stored model needs it too, unless that
   * model is not pinned and is made of nothing else. A model that was added is forgotten altogether.
   */
  remove(id: string): Promise<void>;
}
