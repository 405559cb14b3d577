import { proxy, transfer } from 'comlink';
import { LeapError, throwIfAborted, toLeapError } from '../errors';
import type { LatentFormat, WriteOptions } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import type { ModelWish } from '../weights/types';
import { completeHints, refuseOtherHints } from './input/complete-hints';
import { isImageData } from './input/is-image-data';
import { isLatent } from './input/is-latent';
import { asGpuTensor, type PlainInput, toPlainInput } from './input/plain-input';
import { valuesAlone } from './input/values-alone';
import { guardCallback } from './link/guard-callback';
import type { LocalLink } from './link/local-link';
import type { RenewableLink } from './link/renewable-link';
import type { WorkerLink } from './link/worker-link';
import {
  checkHints,
  checkId,
  checkLatent,
  checkModelCheck,
  checkModelSource,
  checkRunOptions,
  checkUpscaleOptions,
  checkWarmUp,
  checkWriteOptions,
} from './options/check-options';
import type { CreateOptions } from './options/create-options';
import type { PlainUpscaleOptions, ProgressCallback, Source, WorkerService } from './protocol';
import type {
  GpuTensor,
  LatentInput,
  ModelCheck,
  ModelOptions,
  Output,
  Progress,
  RunOptions,
  UpscaleOptions,
  UpscaleResult,
  Upscaler,
  WarmUpOptions,
} from './types';

/** What every long call hands to the service. */
interface LongCall {
  cancel: AbortSignal | null;
  report: ProgressCallback;
  /** Undefined in this thread. */
  link: WorkerLink | undefined;
}

/** An upscaler over a service, which is in a worker or in this thread. */
export class ServiceUpscaler implements Upscaler {
  readonly #links: RenewableLink | LocalLink;
  readonly #options: CreateOptions;

  constructor(links: RenewableLink | LocalLink, options: CreateOptions) {
    this.#links = links;
    this.#options = options;
  }

  async read(input: LatentInput, hints: ReadHints = {}, options: ModelOptions = {}): Promise<Latent> {
    const [latent] = await this.readAll(input, { ...hints, item: hints.item ?? 'first' }, options);
    return latent!;
  }

  async readAll(input: LatentInput, hints: ReadHints = {}, options: ModelOptions = {}): Promise<Latent[]> {
    checkHints(hints);
    if (isLatent(input)) {
      checkLatent(input);
      refuseOtherHints(input, hints);
      return [{ ...input }];
    }
    const plain = await this.#toSend(input);
    return this.#callLong(options, (service, { cancel, report }) =>
      service.readAll(cancel, report, plain, completeHints(input, hints)),
    );
  }

  async preview(latent: Latent): Promise<ImageBitmap> {
    checkLatent(latent);
    return this.#call((service) => service.preview(latent));
  }

  async write(
    latent: Latent,
    format: LatentFormat,
    options: WriteOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkLatent(latent);
    checkWriteOptions(format, options);
    return this.#call((service) => service.write(latent, format, options));
  }

  async upscale<O extends Output = 'image'>(
    latent: Latent,
    options: UpscaleOptions<O>,
  ): Promise<UpscaleResult<O>> {
    checkLatent(latent);
    checkUpscaleOptions(options);
    return this.#upscale({ latent }, options);
  }

  async run<O extends Output = 'image'>(
    input: LatentInput,
    hints: ReadHints,
    options: RunOptions<O>,
  ): Promise<UpscaleResult<O>> {
    checkHints(hints);
    checkRunOptions(options);
    const { transfer: moved, ...rest } = options;
    if (isLatent(input)) {
      const [latent] = await this.readAll(input, hints);
      return this.#upscale({ latent: latent! }, rest as UpscaleOptions<O>);
    }
    const { device, thread } = this.#options;
    const onGpu = thread === 'this' && device ? asGpuTensor(input, device) : undefined;
    const plain = onGpu ?? (await this.#toSend(input));
    const source = { input: plain, hints: completeHints(input, hints) };
    return this.#upscale(moved ? transfer(source, buffersOf(plain)) : source, rest as UpscaleOptions<O>);
  }

  async #toSend(input: LatentInput): Promise<PlainInput> {
    const plain = await toPlainInput(input);
    return this.#options.thread === 'this' ? plain : valuesAlone(plain);
  }

  /** When the worker has run out of memory, after all that it tried itself, a fresh one gets one more chance. */
  async #upscale<O extends Output>(source: Source, options: UpscaleOptions<O>): Promise<UpscaleResult<O>> {
    const { signal: _, onProgress: __, onTile, canvas, method = 'lua', ...rest } = options;
    const output: Output = canvas ? 'canvas' : (options.output ?? 'image');
    const plain: PlainUpscaleOptions = { ...rest, method, output };
    let used: WorkerLink | undefined;
    const attempt = () =>
      this.#callLong(options, (service, { cancel, report, link }) => {
        if (used && gone(source, canvas)) {
          throw new LeapError(
            'worker-died',
            'The worker was replaced, and what was moved to it went with it.',
          );
        }
        used = link;
        const tell = onTile ? proxy(guardCallback(onTile)) : null;
        const drawn = canvas ? transfer(canvas, [canvas]) : null;
        return service.upscale(cancel, report, tell, drawn, source, plain) as Promise<UpscaleResult<O>>;
      });
    try {
      return await attempt();
    } catch (thrown) {
      const { code, detail } = toLeapError(thrown);
      const hopeless = code !== 'out-of-memory' || detail.indivisible;
      if (hopeless || !used || !('renew' in this.#links) || !(await this.#links.renew(used, options.signal)))
        throw thrown;
      return attempt();
    }
  }

  async checkModels(options: ModelCheck): Promise<void> {
    checkModelCheck(options);
    const { signal, ...wish } = options;
    await this.#call((service) => service.checkModels(wish), signal);
  }

  async warmUp(options: WarmUpOptions): Promise<void> {
    checkWarmUp(options);
    const { signal: _, onProgress: __, ...rest } = options;
    await this.#callLong(options, (service, { cancel, report }) => service.warmUp(cancel, report, rest));
  }

  async release(): Promise<void> {
    await this.#call((service) => service.release());
  }

  /** A call that reports progress and can be cancelled, at once whatever the worker is doing. */
  async #callLong<T>(
    { signal, onProgress = this.#options.onProgress }: ModelOptions,
    work: (service: WorkerService, call: LongCall) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    // A signal of this call's own: the caller's may live as long as the page and would hold every port.
    const cancel = new AbortController();
    const forward = () => cancel.abort(signal?.reason);
    signal?.addEventListener('abort', forward, { once: true });
    let settled = false;
    const tell = guardCallback(onProgress ?? ignore);
    const call = (service: WorkerService, touch: () => void, link?: WorkerLink) => {
      // Progress travels on another port than the result, and may come after it.
      const report = (progress: Progress) => {
        touch();
        if (!settled) tell(progress);
      };
      // In this thread it costs no port, and close() ends the call by it.
      const heard = signal || !link ? cancel.signal : null;
      return work(service, { cancel: heard, report: proxy(report), link });
    };
    try {
      return await this.#call(call, signal);
    } finally {
      settled = true;
      signal?.removeEventListener('abort', forward);
      // Nobody listens any more; this closes the port to the worker.
      cancel.abort();
    }
  }

  #call<T>(
    work: (service: WorkerService, touch: () => void, link?: WorkerLink) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#links.call(work, signal);
  }

  device() {
    return this.#call((service) => service.device());
  }

  models() {
    return this.#call((service) => service.models());
  }

  async fetchModel(id: string, options: ModelOptions = {}) {
    checkId(id);
    return this.#callLong(options, (service, { cancel, report }) => service.fetchModel(cancel, report, id));
  }

  async pinModel(id: string, pinned: boolean, options: ModelOptions = {}) {
    checkId(id);
    // Only a window may ask the browser not to evict the page's data, and it may say no. Firefox asks the person, and
    // the answer comes when they give one, if ever: nothing waits for it.
    if (pinned) globalThis.navigator?.storage?.persist?.().catch(() => false);
    return this.#callLong(options, (service, { cancel, report }) =>
      service.pinModel(cancel, report, id, pinned),
    );
  }

  async inspectModel(file: Blob) {
    checkModelSource(file, 'file');
    return this.#call((service) => service.inspectModel(file));
  }

  async addModel(source: Blob | string, wish: ModelWish, options: ModelOptions = {}) {
    checkModelSource(source, 'file or address', wish);
    return this.#callLong(options, (service, { cancel, report }) =>
      service.addModel(cancel, report, source, wish),
    );
  }

  async removeModel(id: string) {
    checkId(id);
    await this.#call((service) => service.removeModel(id));
  }

  clearCache() {
    return this.#call((service) => service.clearCache());
  }

  close(): Promise<void> {
    return this.#links.close();
  }
}

function ignore(): void {}

/** A canvas belongs to the first worker that it was given to, and so do values that were moved. */
function gone(source: Source, canvas: OffscreenCanvas | undefined): boolean {
  if (canvas) return true;
  return (
    'input' in source &&
    buffersOf(source.input as PlainInput).some((buffer) => (buffer as ArrayBuffer).byteLength === 0)
  );
}

function buffersOf(input: PlainInput | GpuTensor): Transferable[] {
  if (input instanceof ArrayBuffer) return [input];
  if (ArrayBuffer.isView(input)) return [input.buffer as ArrayBuffer];
  if (isImageData(input)) return [];
  return 'data' in input ? [input.data.buffer as ArrayBuffer] : [];
}
