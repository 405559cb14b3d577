import { proxy, type Remote } from 'comlink';
import { LeapError, throwIfAborted, toLeapError } from '../errors';
import type { LatentFormat, WriteOptions } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import type { ModelWish } from '../weights/types';
import { openLink } from './open-link';
import { toPlainInput } from './plain-input';
import type { PlainUpscaleOptions, ProgressCallback, WorkerService } from './protocol';
import { RenewableLink } from './renewable-link';
import type {
  CreateOptions,
  LatentInput,
  ModelOptions,
  Progress,
  UpscaleOptions,
  UpscaleResult,
  Upscaler,
} from './types';
import type { WorkerLike, WorkerLink } from './worker-link';

/**
 * Starts the worker. Cheap: the runtime, the GPU and the models are only opened when they are first needed.
 * @throws LeapError `worker-died` when the worker's script does not load.
 */
export async function createUpscaler(options: CreateOptions = {}): Promise<Upscaler> {
  const { worker } = options;
  // A worker that the caller made is the caller's to replace.
  return worker ? openUpscaler(worker, options) : openUpscaler(startWorker(), options, startWorker);
}

function startWorker(): Worker {
  try {
    return new Worker(new URL('../worker/worker.ts', import.meta.url), {
      type: 'module',
      name: 'latent-leap',
    });
  } catch (thrown) {
    const { message } = toLeapError(thrown);
    throw new LeapError(
      'worker-died',
      `The worker could not be started: ${message} Its script has to come from the page's own origin.`,
      {},
      { cause: thrown },
    );
  }
}

/**
 * {@link createUpscaler} over a worker, or anything like one, that is there already.
 * @param startAnother used once memory has run out in the first one
 */
export async function openUpscaler(
  worker: WorkerLike,
  options: CreateOptions = {},
  startAnother?: () => WorkerLike,
): Promise<Upscaler> {
  const link = await openLink(worker, options);
  return new RemoteUpscaler(link, startAnother && (() => openLink(startAnother(), options, SMALLER_SHARE)));
}

/** Of the memory taken by default, for the worker after the one that it ran out in. */
const SMALLER_SHARE = 0.25;

class RemoteUpscaler implements Upscaler {
  readonly #links: RenewableLink;

  constructor(link: WorkerLink, startAnother: (() => Promise<WorkerLink>) | undefined) {
    this.#links = new RenewableLink(link, startAnother);
  }

  async read(input: LatentInput, hints: ReadHints = {}): Promise<Latent> {
    const item = hints.item ?? 0;
    const latents = await this.readAll(input, { ...hints, item });
    return latents.find((latent) => latent.provenance.item === item) ?? latents[0]!;
  }

  async readAll(input: LatentInput, hints: ReadHints = {}): Promise<Latent[]> {
    const plain = await toPlainInput(input);
    return this.#links.call((remote) => remote.readAll(plain, withName(input, hints)));
  }

  preview(latent: Latent): Promise<ImageBitmap> {
    return this.#links.call((remote) => remote.preview(latent));
  }

  write(latent: Latent, format: LatentFormat, options: WriteOptions = {}): Promise<Uint8Array> {
    return this.#links.call((remote) => remote.write(latent, format, options));
  }

  /** When the worker has run out of memory, after all that it tried itself, a fresh one gets one more chance. */
  async upscale(latent: Latent, options: UpscaleOptions): Promise<UpscaleResult> {
    const { signal, onProgress, ...rest } = options;
    let used: WorkerLink | undefined;
    const attempt = () =>
      this.#callLong(options, (remote, cancel, report, link) => {
        used = link;
        return remote.upscale(cancel, report, latent, rest satisfies PlainUpscaleOptions);
      });
    try {
      return await attempt();
    } catch (thrown) {
      const { code, detail } = toLeapError(thrown);
      const hopeless = code !== 'out-of-memory' || detail.indivisible;
      if (hopeless || !used || !(await this.#links.renew(used))) throw thrown;
      return attempt();
    }
  }

  /** A call that reports progress and can be cancelled. */
  async #callLong<T>(
    { signal, onProgress }: ModelOptions,
    work: (
      remote: Remote<WorkerService>,
      cancel: AbortSignal | null,
      report: ProgressCallback | null,
      link: WorkerLink,
    ) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    // A signal of this call's own: the caller's may live as long as the page and would hold every port.
    const cancel = new AbortController();
    const forward = () => cancel.abort();
    signal?.addEventListener('abort', forward, { once: true });
    let settled = false;
    // Progress travels on another port than the result, and may come after it.
    const report = (progress: Progress) => {
      if (!settled) onProgress?.(progress);
    };
    try {
      return await this.#links.call((remote, link) =>
        work(remote, signal ? cancel.signal : null, onProgress ? proxy(report) : null, link),
      );
    } finally {
      settled = true;
      signal?.removeEventListener('abort', forward);
      // Nobody listens any more; this closes the port to the worker.
      cancel.abort();
    }
  }

  device() {
    return this.#links.call((remote) => remote.device());
  }

  models() {
    return this.#links.call((remote) => remote.models());
  }

  fetchModel(id: string, options: ModelOptions = {}) {
    return this.#callLong(options, (remote, cancel, report) => remote.fetchModel(cancel, report, id));
  }

  async pinModel(id: string, pinned: boolean, options: ModelOptions = {}) {
    // Only a window may ask the browser not to evict the page's data, and it may say no.
    if (pinned) await globalThis.navigator?.storage?.persist?.().catch(() => false);
    return this.#callLong(options, (remote, cancel, report) => remote.pinModel(cancel, report, id, pinned));
  }

  inspectModel(file: Blob) {
    return this.#links.call((remote) => remote.inspectModel(file));
  }

  addModel(source: Blob | string, wish: ModelWish, options: ModelOptions = {}) {
    return this.#callLong(options, (remote, cancel, report) => remote.addModel(cancel, report, source, wish));
  }

  removeModel(id: string) {
    return this.#links.call((remote) => remote.removeModel(id));
  }

  clearCache() {
    return this.#links.call((remote) => remote.clearCache());
  }

  close(): Promise<void> {
    return this.#links.close();
  }
}

/** Structured cloning keeps a File's name, but readers want it as a hint. */
function withName(input: LatentInput, hints: ReadHints): ReadHints {
  return hints.name === undefined && input instanceof File ? { ...hints, name: input.name } : hints;
}
