import type { NoticeCallback, ProgressCallback, ServiceOptions } from '../client/protocol';
import { defined } from '../defined';
import { createEngine } from '../engine';
import type { Engine } from '../engine/api';
import type { Runtime } from '../engine/device/runtime';
import type { WebRuntimeOptions } from '../engine/device/web/open-web-runtime';
import { closed } from '../errors';
import { createIdbStore, createMemoryStore, fetchAlsoFiles, openWeights } from '../weights';
import type { ManagedWeights } from '../weights/types';

export type OpenRuntime = (options: WebRuntimeOptions) => Runtime;

/** The models and the engine, opened when they are first asked for. A failure is not remembered: the next call tries again. */
export class LazyEngine {
  readonly #openRuntime: OpenRuntime;
  readonly #options: ServiceOptions;
  readonly #onProgress: ProgressCallback;
  readonly #onNotice: NoticeCallback;
  #weights: Promise<ManagedWeights> | undefined;
  #engine: Promise<Engine> | undefined;
  #closed = false;

  constructor(
    openRuntime: OpenRuntime,
    options: ServiceOptions,
    onProgress: ProgressCallback,
    onNotice: NoticeCallback,
  ) {
    this.#openRuntime = openRuntime;
    this.#options = options;
    this.#onProgress = onProgress;
    this.#onNotice = onNotice;
  }

  weights(): Promise<ManagedWeights> {
    const { catalogUrl, catalog, modelHosts, store } = this.#options;
    this.#weights ??= openWeights({
      catalogUrl,
      hosts: modelHosts,
      fetch: catalog === undefined ? fetchAlsoFiles : answering(catalogUrl, catalog),
      // In Node there is nowhere to keep them.
      store: globalThis.indexedDB ? createIdbStore(defined({ database: store })) : createMemoryStore(),
      onNotice: this.#onNotice,
    }).catch((thrown) => {
      this.#weights = undefined;
      throw thrown;
    });
    return this.#weights;
  }

  /** @throws LeapError `closed`, and what opening throws */
  async engine(): Promise<Engine> {
    if (this.#closed) throw closed();
    const { backend, precision, memory, memoryShare, runtime, renewable } = this.#options;
    const onRefused = (reason: string) => {
      const message = `The page's onnxruntime is not used: ${reason}. The library loads its own.`;
      this.#onNotice({ code: 'runtime-refused', message });
    };
    this.#engine ??= this.weights()
      .then((weights) =>
        createEngine({
          runtime: this.#openRuntime({ ...runtime, renewable, onRefused }),
          weights,
          backend,
          precision,
          memory: { share: memoryShare, ...memory },
          onNotice: this.#onNotice,
          onProgress: this.#onProgress,
        }),
      )
      .catch((thrown) => {
        this.#engine = undefined;
        throw thrown;
      });
    return this.#engine;
  }

  /** Gives back what the engine holds, if it was opened, once the job at hand is done. */
  async release(): Promise<void> {
    // Whoever asked for an engine that cannot be opened is told why.
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
  }

  /** The same, and nothing is opened from now on. */
  close(): Promise<void> {
    this.#closed = true;
    return this.release();
  }
}

/** A fetch that knows one file already. */
function answering(address: string, text: string): typeof fetch {
  const headers = { 'Content-Type': 'application/json' };
  return async (input, init) =>
    String(input) === address ? new Response(text, { headers }) : fetchAlsoFiles(input, init);
}
