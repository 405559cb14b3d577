import { LeapError, throwIfAborted } from '../errors';
import { checkModelAddress } from './catalog/check-model-address';
import { describeModel, type MachineState } from './catalog/describe-model';
import { type AddedModel, fetchModelFrom, readDroppedModel } from './checkpoint/add-model';
import { ProgressMeter } from './download/progress-meter';
import { SharedTasks } from './download/shared-tasks';
import { FileLoader, type FileProgress } from './file-loader';
import type { OpenWeightsOptions } from './open-weights-options';
import { StorageRoom } from './storage-room';
import { fileKey } from './store/file-key';
import { ModelNotes } from './store/model-notes';
import { toQuotaError } from './store/quota-error';
import { noteKindOf } from './store/store-keys';
import { UnusedFiles } from './store/unused-files';
import { WeightsCache } from './store/weights-cache';
import type { Catalog, CatalogEntry, LoadOptions, ManagedWeights, ModelStatus, ModelWish } from './types';

/** The models of a catalogue and those that were added, on this machine and from their servers. */
export class CatalogWeights implements ManagedWeights {
  readonly #base: Catalog;
  readonly #options: OpenWeightsOptions;
  readonly #cache: WeightsCache;
  readonly #notes: ModelNotes;
  readonly #loader: FileLoader;
  readonly #unused: UnusedFiles;
  readonly #room: StorageRoom;
  /** By file key. */
  readonly #loads = new SharedTasks<Uint8Array, FileProgress>();

  private constructor(catalog: Catalog, options: OpenWeightsOptions) {
    const { store, onNotice = () => {} } = options;
    this.#base = catalog;
    this.#options = options;
    this.#notes = new ModelNotes(store);
    this.#cache = new WeightsCache(store, onNotice, () => this.#room.make());
    this.#loader = new FileLoader(options, this.#cache, this.#notes);
    this.#unused = new UnusedFiles(this.#cache, this.#notes, this.#loader);
    this.#room = new StorageRoom({
      cache: this.#cache,
      notes: this.#notes,
      loader: this.#loader,
      unused: this.#unused,
      models: () => this.catalog.models,
      readState: () => this.#state(),
      onNotice,
    });
  }

  static async open(catalog: Catalog, options: OpenWeightsOptions): Promise<CatalogWeights> {
    const weights = new CatalogWeights(catalog, options);
    await weights.#notes.refresh();
    await weights.#unused.rememberStored();
    return weights;
  }

  get catalog(): Catalog {
    return { ...this.#base, models: [...this.#base.models, ...this.#notes.added.values()] };
  }

  async load(entry: CatalogEntry, options: LoadOptions = {}): Promise<Map<string, Uint8Array>> {
    const { files } = entry;
    const { signal, onProgress = () => {} } = options;
    throwIfAborted(signal);
    const meter = new ProgressMeter(files, onProgress);
    // The first failure ends the others: half a model is useless.
    const failed = new AbortController();
    const end = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const release = this.#room.spare(entry);
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
      release();
    }
  }

  version({ files }: CatalogEntry): string | undefined {
    const keys = files.map((file) => this.#loader.storedAs(file));
    return keys.includes(undefined) ? undefined : keys.join(' ');
  }

  async refresh(): Promise<void> {
    await this.#notes.refresh();
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
    if (pinned) await this.#pinListed(id);
    else await this.#notes.pin(id, false);
    return describeModel(entry, await this.#state());
  }

  async add(source: Blob | string, wish: ModelWish, options: LoadOptions = {}): Promise<ModelStatus> {
    const { signal, onProgress } = options;
    throwIfAborted(signal);
    const { fetch, hosts = [], catalogUrl } = this.#options;
    const adding = {
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
    await this.#notes.pin(id, false);
    await this.#notes.forget(id);
    // Another tab may have pinned or added a model of the same files.
    await this.#notes.refresh();
    const state = await this.#state();
    const own = new Set(entry.files.map(fileKey));
    const others = this.catalog.models.filter(
      (model) =>
        model.id !== id &&
        describeModel(model, state).complete &&
        // A model made of the same files goes with it, or neither could ever be removed. An added model stays, because
        // nobody could give it back.
        (state.added.has(model.id) ||
          state.pins.has(model.id) ||
          !model.files.every((file) => own.has(fileKey(file)))),
    );
    await this.#room.deleteFiles(entry, others);
  }

  async clearCache(): Promise<void> {
    // Another tab may have pinned or added something. It cannot be fetched again, so nothing is deleted on a guess.
    if (!(await this.#notes.refresh())) return this.#cache.clearMemory(new Set());
    const { pins, added, records } = this.#notes;
    const pinned = this.catalog.models.filter(({ id }) => pins.has(id));
    const needed = new Set(pinned.flatMap(({ files }) => files.map(fileKey)));
    for (const id of added.keys()) if (!pins.has(id)) await this.#notes.forget(id);
    await this.#notes.forgetStrayPins();
    for (const key of records.keys()) if (!needed.has(key)) await this.#notes.forgetRecord(key);
    const spared = new Set(pinned.flatMap(({ files }) => files.map((file) => this.#loader.storedAs(file))));
    const noteKeys = [...(await this.#cache.sizes()).keys()].filter((key) => noteKindOf(key) !== undefined);
    const keep = [...spared].filter((key) => key !== undefined);
    await this.#cache.clear(new Set([...keep, ...noteKeys]));
  }

  /** A file that a person added cannot be fetched again: it is stored and pinned, or refused. */
  async #keepAdded({ entry: made, bytes }: AddedModel): Promise<ModelStatus> {
    const entry = { ...made, id: this.#findSame(made)?.id ?? made.id };
    const sha256 = entry.files[0]!.sha256!;
    const release = this.#room.spare(entry);
    try {
      // It may be here already, for another family.
      const stored =
        (await this.#cache.sizes()).has(sha256) ||
        (await this.#cache.store({ path: entry.label, bytes: bytes.length, sha256 }, bytes));
      // Otherwise the next visit would list a model that is missing.
      if (!stored) await this.#notes.keepInMemory();
      await this.#notes.add(entry);
    } catch (thrown) {
      const message = `The browser has no room for the ${Math.ceil(bytes.length / 1e6)} MB of ${entry.label}. Remove or unpin models that you can spare, then add it again.`;
      throw toQuotaError(thrown, message, { bytes: bytes.length, complete: true });
    } finally {
      release();
    }
    await this.#pinListed(entry.id);
    return describeModel(entry, await this.#state());
  }

  /**
   * A pin of a model that was removed meanwhile would stay for ever.
   * @throws LeapError `no-model`
   */
  async #pinListed(id: string): Promise<void> {
    await this.#notes.pin(id, true);
    if (this.catalog.models.some((model) => model.id === id)) return;
    await this.#notes.pin(id, false);
    this.#find(id);
  }

  /** The same network, added for the same family before. Earlier versions gave ids without the family. */
  #findSame({ kind, family, files }: CatalogEntry): CatalogEntry | undefined {
    const key = fileKey(files[0]!);
    return [...this.#notes.added.values()].find(
      (entry) => entry.kind === kind && entry.family === family && fileKey(entry.files[0]!) === key,
    );
  }

  async #state(): Promise<MachineState> {
    const { records, pins, added } = this.#notes;
    return { sizes: await this.#cache.sizes(), records, pins, added };
  }

  #find(id: string): CatalogEntry {
    const entry = this.catalog.models.find((model) => model.id === id);
    if (!entry) throw new LeapError('no-model', `The catalogue has no model ${id}.`, { id });
    return entry;
  }
}
