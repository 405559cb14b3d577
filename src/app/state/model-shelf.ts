import type {
  FamilyId,
  LeapError,
  ModelKind,
  ModelOptions,
  ModelStatus,
  ModelWish,
  Progress,
  Upscaler,
} from '../../client';
import { toLeapError } from '../../errors';
import type { UpscalerHost } from './upscaler-host';

/** A download in progress. */
export interface Download {
  progress: Progress | undefined;
  abort: AbortController;
  /** Whether the model will be kept offline afterwards; undefined if that does not change. */
  keep: boolean | undefined;
}

/** The key of a checkpoint that is being added, because it has no id yet. */
export const ADDING = 'adding';

/**
 * The models: which ones exist, how much of them is stored, and what is being fetched. Fires `change`, and `forgotten`
 * with the id of an added model that is gone for good, in whatever way and from whatever tab.
 */
export class ModelShelf extends EventTarget {
  models: readonly ModelStatus[] | undefined;
  estimate: StorageEstimate | undefined;
  /** The last error, until the next attempt. */
  problem: LeapError | undefined;
  readonly downloads = new Map<string, Download>();
  readonly #host: UpscalerHost;
  readonly #reload = () => this.load();
  /** How often the list was asked for, and which of these answers was the last one taken: older ones come too late. */
  #asked = 0;
  #answered = 0;
  /** Repeats what the problem came from. */
  #again: (() => Promise<void>) | undefined;

  /** @param host a worker that is never busy for long */
  constructor(host: UpscalerHost) {
    super();
    this.#host = host;
  }

  /** Reads the list of models again. */
  async load(): Promise<void> {
    const turn = ++this.#asked;
    try {
      const models = await this.#host.use((upscaler) => upscaler.models());
      if (turn > this.#answered) {
        this.#answered = turn;
        this.#take(models);
      }
      this.estimate = await navigator.storage?.estimate();
      if (this.#again === this.#reload) this.#setProblem(undefined, undefined);
    } catch (thrown) {
      // An earlier problem belongs to something that the person asked for, so it stays.
      if (!this.problem) this.#setProblem(toLeapError(thrown), this.#reload);
    }
    this.#changed();
  }

  /** The list as it is now. Tells of the added models that it has no longer. */
  #take(models: readonly ModelStatus[]): void {
    const gone = (this.models ?? []).filter(
      ({ id, custom }) => custom && !models.some((model) => model.id === id),
    );
    this.models = models;
    for (const { id } of gone) this.dispatchEvent(new CustomEvent('forgotten', { detail: id }));
  }

  find(id: string | undefined): ModelStatus | undefined {
    return id === undefined ? undefined : this.models?.find((model) => model.id === id);
  }

  /** The models of this kind for latents of the family, the embedded one first. Pixel upscalers are for all of them. */
  fitting(family: FamilyId, kind: ModelKind): ModelStatus[] {
    const fits = (this.models ?? []).filter(
      (model) => model.kind === kind && (kind === 'enlarger' || model.family === family),
    );
    return fits.sort((a, b) => Number(b.embedded) - Number(a.embedded));
  }

  /** Downloads a model ahead of its use. */
  async fetch(id: string): Promise<void> {
    await this.#attempt(() => this.#download(id, (upscaler, options) => upscaler.fetchModel(id, options)));
  }

  /** Keeps a model offline, and fetches it if necessary; or stops keeping it. */
  async pin(id: string, pinned: boolean): Promise<void> {
    await this.#attempt(() =>
      this.#download(id, (upscaler, options) => upscaler.pinModel(id, pinned, options), pinned),
    );
  }

  /** Stops a download. The next attempt uses what has arrived so far. */
  cancel(key: string): void {
    this.downloads.get(key)?.abort.abort();
  }

  /** Deletes what is stored of these models; those that were added are gone for good. */
  async remove(...ids: string[]): Promise<void> {
    await this.#attempt(async () => {
      for (const id of ids) await this.#host.use((upscaler) => upscaler.removeModel(id));
    });
  }

  /** Deletes everything that is stored and not pinned. */
  async clear(): Promise<void> {
    await this.#attempt(() => this.#host.use((upscaler) => upscaler.clearCache()));
  }

  /** Repeats what went wrong last. */
  async retry(): Promise<void> {
    await this.#again?.();
  }

  /** @throws LeapError of `Upscaler.addModel` */
  async add(source: Blob | string, wish: ModelWish): Promise<ModelStatus> {
    try {
      return await this.#download(ADDING, (upscaler, options) => upscaler.addModel(source, wish, options));
    } finally {
      await this.load();
    }
  }

  /** Reads the list again whatever happens, and keeps an error so that it can be shown. */
  async #attempt(work: () => Promise<unknown>): Promise<void> {
    this.#setProblem(undefined, undefined);
    try {
      await work();
    } catch (thrown) {
      const error = toLeapError(thrown);
      if (error.code !== 'cancelled') this.#setProblem(error, () => this.#attempt(work));
    }
    await this.load();
  }

  #setProblem(problem: LeapError | undefined, again: (() => Promise<void>) | undefined): void {
    this.problem = problem;
    this.#again = again;
  }

  async #download<T>(
    key: string,
    work: (upscaler: Upscaler, options: ModelOptions) => Promise<T>,
    keep?: boolean,
  ): Promise<T> {
    this.downloads.get(key)?.abort.abort();
    const download: Download = { progress: undefined, abort: new AbortController(), keep };
    this.downloads.set(key, download);
    this.#changed();
    const onProgress = (progress: Progress) => {
      download.progress = progress;
      this.#changed();
    };
    try {
      return await this.#host.use((upscaler) =>
        work(upscaler, { signal: download.abort.signal, onProgress }),
      );
    } finally {
      if (this.downloads.get(key) === download) this.downloads.delete(key);
    }
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
