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

/** A download that is under way. */
export interface Download {
  progress: Progress | undefined;
  abort: AbortController;
  /** Whether the model is to be kept offline after it; undefined where that stays as it is. */
  keep: boolean | undefined;
}

/** The key of the checkpoint that is being added: it has no id yet. */
export const ADDING = 'adding';

/**
 * The models: which there are, what of them is stored, what is being fetched. Fires `change`, and
 * `forgotten` with the id of an added model that is gone for good.
 */
export class ModelShelf extends EventTarget {
  models: readonly ModelStatus[] | undefined;
  estimate: StorageEstimate | undefined;
  /** What went wrong last, until the next attempt. */
  problem: LeapError | undefined;
  readonly downloads = new Map<string, Download>();
  readonly #host: UpscalerHost;
  readonly #reload = () => this.load();
  /** Attempts again what the problem is of. */
  #again: (() => Promise<void>) | undefined;

  /** @param host a worker that is never busy for long */
  constructor(host: UpscalerHost) {
    super();
    this.#host = host;
  }

  /** Looks afresh at what is there. */
  async load(): Promise<void> {
    try {
      this.models = await this.#host.use((upscaler) => upscaler.models());
      this.estimate = await navigator.storage?.estimate();
      if (this.#again === this.#reload) this.#setProblem(undefined, undefined);
    } catch (thrown) {
      // What went wrong before, if anything, is what the person asked for.
      if (!this.problem) this.#setProblem(toLeapError(thrown), this.#reload);
    }
    this.#changed();
  }

  find(id: string | undefined): ModelStatus | undefined {
    return id === undefined ? undefined : this.models?.find((model) => model.id === id);
  }

  /** What a latent of the family can be put through, the embedded one first. */
  fitting(family: FamilyId, kind: ModelKind): ModelStatus[] {
    const fits = (this.models ?? []).filter((model) => model.family === family && model.kind === kind);
    return fits.sort((a, b) => Number(b.embedded) - Number(a.embedded));
  }

  /** Downloads a model ahead of its use. */
  async fetch(id: string): Promise<void> {
    await this.#attempt(() => this.#download(id, (upscaler, options) => upscaler.fetchModel(id, options)));
  }

  /** Keeps a model offline, which fetches it if need be, or lets it go again. */
  async pin(id: string, pinned: boolean): Promise<void> {
    await this.#attempt(() =>
      this.#download(id, (upscaler, options) => upscaler.pinModel(id, pinned, options), pinned),
    );
  }

  /** Stops a download; what has arrived of it is used by the next attempt. */
  cancel(key: string): void {
    this.downloads.get(key)?.abort.abort();
  }

  async remove(id: string): Promise<void> {
    const gone = this.find(id)?.custom;
    await this.#attempt(async () => {
      await this.#host.use((upscaler) => upscaler.removeModel(id));
      if (gone) this.dispatchEvent(new CustomEvent('forgotten', { detail: id }));
    });
  }

  /** Deletes everything that is stored and not pinned. */
  async clear(): Promise<void> {
    await this.#attempt(() => this.#host.use((upscaler) => upscaler.clearCache()));
  }

  /** Does again what went wrong last. */
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

  /** Whatever comes of it, the list is looked up again; what went wrong is kept to be shown. */
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
