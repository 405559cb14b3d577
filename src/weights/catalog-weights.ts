import { LeapError, throwIfAborted } from '../errors';
import { type AddedModel, fetchModelFrom, readDroppedModel } from './add-model';
import { describeModel, type MachineState } from './describe-model';
import { fileKey, isStoredWhole } from './file-key';
import { FileLoader, type FileProgress } from './file-loader';
import { isNote, Ledger } from './ledger';
import { checkModelAddress } from './model-hosts';
import type { OpenWeightsOptions } from './open-weights';
import { ProgressMeter } from './progress-meter';
import { recogniseNothing } from './recognise';
import { SharedTasks } from './shared-tasks';
import { Shelf } from './shelf';
import type { Catalog, CatalogEntry, LoadOptions, ManagedWeights, ModelStatus, ModelWish } from './types';

/** The models of a catalogue and those that were added, on this machine and from their servers. */
export class CatalogWeights implements ManagedWeights {
  readonly #base: Catalog;
  readonly #options: OpenWeightsOptions;
  readonly #shelf: Shelf;
  readonly #ledger: Ledger;
  readonly #loader: FileLoader;
  /** By file key. */
  readonly #loads = new SharedTasks<Uint8Array, FileProgress>();
  /** Keys of files that somebody waits for: not to be deleted for lack of room. */
  readonly #wanted = new Map<string, number>();

  private constructor(catalog: Catalog, options: OpenWeightsOptions) {
    const { store, onNotice = () => {} } = options;
    this.#base = catalog;
    this.#options = options;
    this.#ledger = new Ledger(store);
    this.#shelf = new Shelf(store, onNotice, () => this.#makeRoom());
    this.#loader = new FileLoader(options, this.#shelf, this.#ledger);
  }

  static async open(catalog: Catalog, options: OpenWeightsOptions): Promise<CatalogWeights> {
    const weights = new CatalogWeights(catalog, options);
    await weights.#ledger.refresh();
    return weights;
  }

  get catalog(): Catalog {
    return { ...this.#base, models: [...this.#base.models, ...this.#ledger.added.values()] };
  }

  async load(entry: CatalogEntry, options: LoadOptions = {}): Promise<Map<string, Uint8Array>> {
    const { files } = entry;
    const { signal, onProgress = () => {} } = options;
    throwIfAborted(signal);
    const meter = new ProgressMeter(files, onProgress);
    // The first failure ends the others: half a model is no use.
    const failed = new AbortController();
    const end = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const keys = files.map(fileKey);
    for (const key of keys) this.#wanted.set(key, (this.#wanted.get(key) ?? 0) + 1);
    const loads = files.map(async (file): Promise<[string, Uint8Array]> => {
      const task = (ending: AbortSignal, report: (progress: FileProgress) => void) =>
        this.#loader.load(file, entry, ending, report);
      const update = ({ loaded, total }: FileProgress) => meter.update(file, loaded, total);
      return [file.path, await this.#loads.run(fileKey(file), task, update, end)];
    });
    try {
      return new Map(await Promise.all(loads));
    } finally {
      failed.abort();
      for (const key of keys) this.#wanted.set(key, this.#wanted.get(key)! - 1);
    }
  }

  refresh(): Promise<void> {
    return this.#ledger.refresh();
  }

  async status(): Promise<ModelStatus[]> {
    await this.refresh();
    const state = await this.#state();
    return this.catalog.models.map((entry) => describeModel(entry, state));
  }

  async fetch(id: string, options: LoadOptions = {}): Promise<ModelStatus> {
    const entry = this.#find(id);
    await this.load(entry, options);
    return describeModel(entry, await this.#state());
  }

  async pin(id: string, pinned: boolean, options: LoadOptions = {}): Promise<ModelStatus> {
    const entry = this.#find(id);
    if (pinned) {
      await this.load(entry, options);
      if (!describeModel(entry, await this.#state()).complete) {
        throw new LeapError('quota', `The browser has no room to keep ${entry.label} offline.`, { id });
      }
    }
    await this.#ledger.pin(id, pinned);
    return describeModel(entry, await this.#state());
  }

  async add(source: Blob | string, wish: ModelWish, options: LoadOptions = {}): Promise<ModelStatus> {
    const { signal, onProgress } = options;
    throwIfAborted(signal);
    const { recognise = recogniseNothing, fetch, hosts = [], catalogUrl } = this.#options;
    const adding = {
      recognise,
      fetch,
      signal,
      onProgress: (file: string, loadedBytes: number, totalBytes: number) =>
        onProgress?.({ file, loadedBytes, totalBytes }),
    };
    const model =
      typeof source === 'string'
        ? await fetchModelFrom(checkModelAddress(source, hosts, catalogUrl), wish, adding)
        : await readDroppedModel(source, wish, adding);
    throwIfAborted(signal);
    return this.#keepAdded(model);
  }

  async remove(id: string): Promise<void> {
    const entry = this.#find(id);
    const state = await this.#state();
    const own = new Set(entry.files.map(fileKey));
    const others = this.catalog.models.filter(
      (model) =>
        model.id !== id &&
        describeModel(model, state).complete &&
        // One that is made of the same files only goes with it, or neither could ever be removed.
        (state.pins.has(model.id) || !model.files.every((file) => own.has(fileKey(file)))),
    );
    await this.#ledger.pin(id, false);
    await this.#ledger.forget(id);
    await this.#deleteFiles(entry, others);
  }

  async clearCache(): Promise<void> {
    const { pins, added, records } = this.#ledger;
    const pinned = this.catalog.models.filter(({ id }) => pins.has(id));
    const needed = new Set(pinned.flatMap(({ files }) => files.map(fileKey)));
    for (const id of added.keys()) if (!pins.has(id)) await this.#ledger.forget(id);
    for (const key of records.keys()) if (!needed.has(key)) await this.#ledger.forgetRecord(key);
    const spared = new Set(pinned.flatMap(({ files }) => files.map((file) => this.#loader.storedAs(file))));
    const notes = [...(await this.#shelf.sizes()).keys()].filter(isNote);
    const keep = [...spared].filter((key) => key !== undefined);
    await this.#shelf.clear(new Set([...keep, ...notes]));
  }

  /** What was read cannot be read again without the person, so it is pinned. */
  async #keepAdded({ entry, bytes }: AddedModel): Promise<ModelStatus> {
    const [file] = entry.files;
    this.#wanted.set(fileKey(file!), 1);
    try {
      await this.#shelf.keep({ path: entry.label, bytes: bytes.length, sha256: file!.sha256! }, bytes);
    } finally {
      this.#wanted.delete(fileKey(file!));
    }
    await this.#ledger.add(entry);
    await this.#ledger.pin(entry.id, true);
    return describeModel(entry, await this.#state());
  }

  /**
   * Deletes files of models that the catalogue no longer has (in that revision), else the model of a hub that was
   * used longest ago and is neither pinned nor being loaded.
   */
  async #makeRoom(): Promise<boolean> {
    if (await this.#deleteOrphan()) return true;
    const { pins, added, records } = this.#ledger;
    const usedAt = ({ files }: CatalogEntry) =>
      Math.max(...files.map((file) => records.get(fileKey(file))?.usedAt ?? 0));
    const state = await this.#state();
    const others = this.catalog.models.filter((entry) => describeModel(entry, state).complete);
    const [oldest] = others
      .filter(({ id, embedded }) => !embedded && !pins.has(id) && !added.has(id))
      .filter(({ files }) => files.every((file) => !this.#wanted.get(fileKey(file))))
      .toSorted((a, b) => usedAt(a) - usedAt(b));
    if (!oldest) return false;
    await this.#deleteFiles(
      oldest,
      others.filter((entry) => entry !== oldest),
    );
    this.#options.onNotice?.({
      code: 'evicted',
      message: `${oldest.label} was deleted from the browser's storage to make room; pin a model to keep it.`,
    });
    return true;
  }

  async #deleteOrphan(): Promise<boolean> {
    const { records } = this.#ledger;
    const known = new Set(this.catalog.models.flatMap(({ files }) => files.map(fileKey)));
    const [orphan] = [...records].filter(([key]) => !known.has(key) && !this.#wanted.get(key));
    if (!orphan) return false;
    const [key, { digest }] = orphan;
    await this.#ledger.forgetRecord(key);
    if (![...records.values()].some((record) => record.digest === digest)) await this.#shelf.delete(digest);
    return true;
  }

  /** @param others models that must stay complete */
  async #deleteFiles({ files }: CatalogEntry, others: CatalogEntry[]): Promise<void> {
    const needed = new Set(others.flatMap((model) => model.files.map((file) => this.#loader.storedAs(file))));
    for (const file of files) {
      const stored = this.#loader.storedAs(file);
      if (stored !== undefined && !needed.has(stored)) await this.#shelf.delete(stored);
      const key = fileKey(file);
      if (isStoredWhole(file) || others.some((model) => model.files.some((one) => fileKey(one) === key)))
        continue;
      await this.#ledger.forgetRecord(key);
      await (await this.#loader.unfinished(file)).drop();
    }
  }

  async #state(): Promise<MachineState> {
    const { records, pins, added } = this.#ledger;
    return { sizes: await this.#shelf.sizes(), records, pins, added };
  }

  #find(id: string): CatalogEntry {
    const entry = this.catalog.models.find((model) => model.id === id);
    if (!entry) throw new LeapError('no-model', `The catalogue has no model ${id}.`, { id });
    return entry;
  }
}
