import { proxy } from 'comlink';
import { throwIfAborted } from '../errors';
import type { LatentFormat, WriteOptions } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import type { PlainUpscaleOptions } from '../worker/protocol';
import { toPlainInput } from './plain-input';
import type { CreateOptions, LatentInput, UpscaleOptions, UpscaleResult, Upscaler } from './types';
import { type WorkerLike, WorkerLink } from './worker-link';

/**
 * Starts the worker. Cheap: the runtime, the GPU and the models are only opened when they are first needed.
 * @throws LeapError `worker-died` when the worker's script does not load.
 */
export async function createUpscaler(options: CreateOptions = {}): Promise<Upscaler> {
  return openUpscaler(options.worker ?? startWorker(), options);
}

function startWorker(): Worker {
  return new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module', name: 'latent-leap' });
}

/** {@link createUpscaler} over a worker, or anything like one, that is there already. */
export async function openUpscaler(worker: WorkerLike, options: CreateOptions = {}): Promise<Upscaler> {
  const link = new WorkerLink(worker);
  const lock = `latent-leap-worker-${crypto.randomUUID()}`;
  const folder = new URL(options.models ?? 'models/', globalThis.document?.baseURI ?? import.meta.url);
  const held = await link.call((remote) =>
    remote.open(
      lock,
      {
        catalogUrl: new URL('catalog.json', folder).href,
        backend: options.backend ?? 'auto',
        precision: options.precision ?? 'auto',
        memory: options.memory ?? {},
      },
      proxy(options.onProgress ?? ignore),
      proxy(options.onNotice ?? ignore),
    ),
  );
  if (held) link.watchLock(lock);
  return new RemoteUpscaler(link);
}

function ignore(): void {}

class RemoteUpscaler implements Upscaler {
  readonly #link: WorkerLink;

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  async read(input: LatentInput, hints: ReadHints = {}): Promise<Latent> {
    const item = hints.item ?? 0;
    const latents = await this.readAll(input, { ...hints, item });
    return latents.find((latent) => latent.provenance.item === item) ?? latents[0]!;
  }

  async readAll(input: LatentInput, hints: ReadHints = {}): Promise<Latent[]> {
    const plain = await toPlainInput(input);
    return this.#link.call((remote) => remote.readAll(plain, withName(input, hints)));
  }

  preview(latent: Latent): Promise<ImageBitmap> {
    return this.#link.call((remote) => remote.preview(latent));
  }

  write(latent: Latent, format: LatentFormat, options: WriteOptions = {}): Promise<Uint8Array> {
    return this.#link.call((remote) => remote.write(latent, format, options));
  }

  async upscale(latent: Latent, options: UpscaleOptions): Promise<UpscaleResult> {
    const { signal, onProgress, ...rest } = options;
    throwIfAborted(signal);
    // A signal of this call's own: the caller's may live as long as the page and would hold every port.
    const cancel = new AbortController();
    const forward = () => cancel.abort();
    signal?.addEventListener('abort', forward, { once: true });
    try {
      return await this.#link.call((remote) =>
        remote.upscale(
          signal ? cancel.signal : null,
          onProgress ? proxy(onProgress) : null,
          latent,
          rest satisfies PlainUpscaleOptions,
        ),
      );
    } finally {
      signal?.removeEventListener('abort', forward);
    }
  }

  device() {
    return this.#link.call((remote) => remote.device());
  }

  models() {
    return this.#link.call((remote) => remote.models());
  }

  removeModel(id: string) {
    return this.#link.call((remote) => remote.removeModel(id));
  }

  clearCache() {
    return this.#link.call((remote) => remote.clearCache());
  }

  async close(): Promise<void> {
    this.#link.close();
  }
}

/** Structured cloning keeps a File's name, but readers want it as a hint. */
function withName(input: LatentInput, hints: ReadHints): ReadHints {
  return hints.name === undefined && input instanceof File ? { ...hints, name: input.name } : hints;
}
