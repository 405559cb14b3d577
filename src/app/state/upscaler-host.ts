import { type CreateOptions, LeapError, type Upscaler } from '../../client';

export type OpenUpscaler = (options: CreateOptions) => Promise<Upscaler>;

/** Keeps one upscaler. It is opened at first use, and opened again after its worker died. */
export class UpscalerHost {
  readonly #open: OpenUpscaler;
  readonly #options: CreateOptions;
  #upscaler: Promise<Upscaler> | undefined;

  constructor(open: OpenUpscaler, options: CreateOptions) {
    this.#open = open;
    this.#options = options;
  }

  /** What will most probably compute, before anything is opened: whether the browser gives a real GPU, or one is asked for. */
  async expectBackend(): Promise<'webgpu' | 'wasm'> {
    if (this.#options.backend === 'wasm') return 'wasm';
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    if (!adapter) return 'wasm';
    return adapter.info?.isFallbackAdapter && this.#options.backend !== 'webgpu' ? 'wasm' : 'webgpu';
  }

  /**
   * Runs `work` on the upscaler. An upscaler that could not be opened, or whose worker died, is dropped, so that the
   * next call gets a new one.
   */
  async use<T>(work: (upscaler: Upscaler) => Promise<T>): Promise<T> {
    this.#upscaler ??= this.#open(this.#options);
    const current = this.#upscaler;
    let opened: Upscaler | undefined;
    try {
      opened = await current;
      return await work(opened);
    } catch (thrown) {
      const dead = thrown instanceof LeapError && (thrown.code === 'worker-died' || thrown.code === 'closed');
      if ((dead || !opened) && this.#upscaler === current) this.#upscaler = undefined;
      throw thrown;
    }
  }
}
