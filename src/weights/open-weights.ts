import { LeapError, throwIfAborted } from '../errors';
import { downloadFile, type Fetch } from './download-file';
import { parseCatalog } from './parse-catalog';
import { ProgressMeter } from './progress-meter';
import { SharedTasks } from './shared-tasks';
import { Shelf } from './shelf';
import type {
  Catalog,
  CatalogEntry,
  CatalogFile,
  KnownFile,
  LoadOptions,
  ManagedWeights,
  ModelStatus,
  WeightsNotice,
  WeightsStore,
} from './types';

/** A catalogue of a thousand models has less. */
const MAX_CATALOG_BYTES = 2 ** 22;

export interface OpenWeightsOptions {
  /** Absolute address of `catalog.json`; the files' paths are relative to it. */
  catalogUrl: string;
  store: WeightsStore;
  /** Further origins that models may be added from. */
  hosts?: string[];
  fetch?: Fetch;
  onNotice?: (notice: WeightsNotice) => void;
}

/**
 * Reads the catalogue; the models themselves are fetched when they are first loaded.
 * @throws LeapError `download-failed`, `damaged-file`
 */
export async function openWeights(options: OpenWeightsOptions): Promise<ManagedWeights> {
  const { catalogUrl, fetch } = options;
  const bytes = await downloadFile(catalogUrl, { maxBytes: MAX_CATALOG_BYTES, ...(fetch ? { fetch } : {}) });
  return new CatalogWeights(parseCatalog(parseJson(bytes, catalogUrl), catalogUrl), options);
}

class CatalogWeights implements ManagedWeights {
  readonly catalog: Catalog;
  readonly #options: OpenWeightsOptions;
  readonly #shelf: Shelf;
  readonly #pinned = new Set<string>();
  /** By sha256; their progress is the loaded bytes of the file. */
  readonly #loads = new SharedTasks<Uint8Array, number>();

  constructor(catalog: Catalog, options: OpenWeightsOptions) {
    this.catalog = catalog;
    this.#options = options;
    this.#shelf = new Shelf(options.store, options.onNotice ?? (() => {}));
  }

  async load(
    { files }: CatalogEntry,
    { signal, onProgress = () => {} }: LoadOptions = {},
  ): Promise<Map<string, Uint8Array>> {
    throwIfAborted(signal);
    const meter = new ProgressMeter(files, onProgress);
    // The first failure ends the others: half a model is no use.
    const failed = new AbortController();
    const end = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const loads = files.map(async (file): Promise<[string, Uint8Array]> => {
      const task = (ending: AbortSignal, report: (loaded: number) => void) =>
        this.#readOrFetch(file, ending, report);
      return [
        file.path,
        await this.#loads.run(file.sha256!, task, (loaded) => meter.update(file, loaded), end),
      ];
    });
    try {
      return new Map(await Promise.all(loads));
    } finally {
      failed.abort();
    }
  }

  async status(): Promise<ModelStatus[]> {
    const stored = await this.#shelf.sizes();
    return this.catalog.models.map(({ files, graphs: _, ...entry }) => {
      const bytes = sum(files.map((file) => file.bytes));
      const cachedBytes = sum(files.map((file) => stored.get(file.sha256!) ?? 0));
      return {
        ...entry,
        custom: false,
        pinned: this.#pinned.has(entry.id),
        bytes,
        cachedBytes,
        complete: cachedBytes === bytes,
      };
    });
  }

  async fetch(id: string, options: LoadOptions = {}): Promise<ModelStatus> {
    await this.load(this.#find(id), options);
    return this.#statusOf(id);
  }

  async pin(id: string, pinned: boolean, options: LoadOptions = {}): Promise<ModelStatus> {
    if (pinned) await this.load(this.#find(id), options);
    if (pinned) this.#pinned.add(id);
    else this.#pinned.delete(id);
    return this.#statusOf(id);
  }

  async add(): Promise<ModelStatus> {
    throw new LeapError('unsupported', 'Models cannot be added yet.');
  }

  async #statusOf(id: string): Promise<ModelStatus> {
    return (await this.status()).find((model) => model.id === id)!;
  }

  #find(id: string): CatalogEntry {
    const entry = this.catalog.models.find((model) => model.id === id);
    if (!entry) throw new LeapError('no-model', `The catalogue has no model ${id}.`, { id });
    return entry;
  }

  async remove(id: string): Promise<void> {
    const entry = this.#find(id);
    const stored = await this.#shelf.sizes();
    const others = this.catalog.models.filter(
      (model) => model !== entry && model.files.every((file) => stored.has(file.sha256!)),
    );
    const needed = new Set(others.flatMap((model) => model.files.map((file) => file.sha256!)));
    for (const file of entry.files)
      if (!needed.has(file.sha256!)) await this.#shelf.delete(file as KnownFile);
  }

  clearCache(): Promise<void> {
    return this.#shelf.clear();
  }

  async #readOrFetch(
    file: CatalogFile,
    signal: AbortSignal,
    report: (loadedBytes: number) => void,
  ): Promise<Uint8Array> {
    const stored = await this.#shelf.read(file as KnownFile);
    throwIfAborted(signal);
    if (stored) {
      report(stored.length);
      return stored;
    }
    const { catalogUrl, fetch } = this.#options;
    const bytes = await downloadFile(new URL(file.path, catalogUrl).href, {
      bytes: file.bytes,
      sha256: file.sha256!,
      signal,
      onProgress: report,
      ...(fetch ? { fetch } : {}),
    });
    await this.#shelf.keep(file as KnownFile, bytes);
    return bytes;
  }
}

function parseJson(bytes: Uint8Array, url: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LeapError('damaged-file', `The catalogue ${url} is no JSON.`, { url }, { cause });
  }
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
