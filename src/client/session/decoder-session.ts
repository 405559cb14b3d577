import { defined } from '../../defined';
import type { Notice } from '../../engine/types';
import { type LeapError, toLeapError } from '../../errors';
import { DEFAULT_FACTOR } from '../../factor';
import type { PlainTensor } from '../../latent/latent-from-raw';
import type { ReadHints } from '../../latent/types';
import { createUpscaler } from '../create-upscaler';
import { asGpuTensor, toPlainInput } from '../input/plain-input';
import { checkHints } from '../options/check-options';
import type { GpuTensor, HostTensor, LatentInput, Upscaler } from '../types';
import { checkLocation, checkSessionOptions } from './check-session-options';
import { findDevice } from './find-device';
import { checkSpace, itemsOf, pickLatent } from './latent-sample';
import { joinBuffers, makeTensor, type PictureTensor } from './make-tensor';
import { type DecoderSessionOptions, type HostSession, OPENING } from './session-options';

/** The part of onnxruntime's `InferenceSession` that generators use. */
export interface DecoderSession {
  readonly inputNames: readonly ['latent_sample'];
  readonly outputNames: readonly ['sample'];
  /**
   * `sample` [B, 3, sH, sW] in [-1, 1], not clamped; a tensor of the same class as `latent_sample`.
   * @throws LeapError unless there is a fallback
   */
  run<T extends HostTensor>(feeds: Record<string, T>, ...rest: unknown[]): Promise<{ sample: T }>;
  /** Gives back what was taken, the fallback's too. */
  release(): Promise<void>;
}

/**
 * A session that stands where a generator has the session of its VAE's decoder: it enlarges the latent and decodes it
 * once. With `ort` or `device` it runs in this thread; else a worker of its own does the work.
 *
 * @throws LeapError as `createUpscaler`; without a fallback also `no-model` for models or a factor that the catalogue
 *   lacks, and what reading the catalogue throws
 */
export async function createDecoderSession(options: DecoderSessionOptions): Promise<DecoderSession> {
  const hints = checkSessionOptions(options);
  const device = options.device ?? (await findDevice(options.ort));
  const here = options.ort !== undefined || device !== undefined;
  checkLocation(options, device);
  const asked = { ...options, onNotice: options.onNotice && tellDoubtsOnce(options.onNotice) };
  const opening = Object.fromEntries(Object.entries(asked).filter(([name]) => name in OPENING));
  const upscaler = await createUpscaler(
    defined({ ...opening, device, thread: here ? ('this' as const) : ('worker' as const) }),
  );
  const session = new UpscalerSession(upscaler, options, hints, device);
  try {
    await session.check();
  } catch (thrown) {
    await upscaler.close();
    throw thrown;
  }
  return keepFields(session, options.fallback);
}

/** A session's latents come from one place: what is doubtful of the first is doubtful of each. */
function tellDoubtsOnce(onNotice: (notice: Notice) => void): (notice: Notice) => void {
  const told = new Set<string>();
  return (notice) => {
    if (notice.code.startsWith('doubtful-')) {
      if (told.has(notice.code)) return;
      told.add(notice.code);
    }
    onNotice(notice);
  };
}

class UpscalerSession implements DecoderSession {
  readonly inputNames = ['latent_sample'] as const;
  readonly outputNames = ['sample'] as const;
  readonly #upscaler: Upscaler;
  readonly #options: DecoderSessionOptions;
  readonly #hints: ReadHints;
  readonly #device: GpuTensor['device'] | undefined;
  #toldFallback = false;

  constructor(
    upscaler: Upscaler,
    options: DecoderSessionOptions,
    hints: ReadHints,
    device: GpuTensor['device'] | undefined,
  ) {
    this.#upscaler = upscaler;
    this.#options = options;
    this.#hints = hints;
    this.#device = device;
  }

  /**
   * Tells what the catalogue lacks before the first run.
   * @throws LeapError without a fallback; with one nobody waits for a server
   */
  async check(): Promise<void> {
    const { family, scale = DEFAULT_FACTOR, method, decoder, lua, passes, signal, fallback } = this.#options;
    const wish = defined({ family, scale, method, decoder, lua, passes, signal });
    const checked = this.#upscaler.checkModels(wish).catch((thrown) => {
      const error = toLeapError(thrown);
      if (!fallback) throw error;
      const what = "Pictures will not be enlarged; the generator's own decoder makes them";
      if (!isWanted(error)) this.#tellFallback(what, error);
    });
    if (!fallback) await checked;
  }

  async run<T extends HostTensor>(feeds: Record<string, T>, ...rest: unknown[]): Promise<{ sample: T }> {
    const { fallback } = this.#options;
    try {
      return { sample: await this.#decode(pickLatent(feeds)) };
    } catch (thrown) {
      const error = toLeapError(thrown);
      if (!fallback || isWanted(error)) throw error;
      this.#tellFallback("The picture was not enlarged; the generator's own decoder made it", error);
      return fallback.run(feeds as never, ...(rest as never[])) as Promise<{ sample: T }>;
    }
  }

  async release(): Promise<void> {
    await this.#upscaler.close();
    await this.#options.fallback?.release?.();
  }

  async #decode<T extends HostTensor>(tensor: T): Promise<T> {
    checkSpace(tensor, this.#options);
    const {
      output = {},
      scale = DEFAULT_FACTOR,
      method = 'lua',
      decoder,
      lua,
      passes,
      tile,
      check,
      transfer,
    } = this.#options;
    const onGpu = this.#device && asGpuTensor(tensor, this.#device);
    const location = output.location ?? (onGpu ? 'gpu-buffer' : 'cpu');
    const type = output.type ?? (tensor.type === 'float16' ? 'float16' : 'float32');
    const way = { scale, method, decoder, lua, passes, tile, check };
    const wish = { ...way, transfer, dtype: type, keepLatent: false };
    const samples: PictureTensor[] = [];
    for (const [input, hints] of await this.#listItems(tensor, this.#hintsOf(tensor), onGpu)) {
      const result = await this.#upscaler.run(
        input,
        hints,
        defined({ ...wish, output: location === 'cpu' ? ('tensor' as const) : ('gpu-tensor' as const) }),
      );
      samples.push(result.tensor);
    }
    const joined = samples.length === 1 ? samples[0]! : joinBuffers(samples);
    return makeTensor(tensor, joined) as T;
  }

  /** Each item of the batch, as input and hints. On the CPU each is cut out, so that a worker gets no other with it. */
  async #listItems(
    tensor: HostTensor,
    hints: ReadHints,
    onGpu: GpuTensor | undefined,
  ): Promise<[LatentInput, ReadHints][]> {
    const items = itemsOf(tensor, hints);
    if (items === 1) return [[tensor, hints]];
    const numbers = [...Array(items).keys()];
    if (onGpu) return numbers.map((item) => [tensor, { ...hints, item }]);
    const { data, dims, dtype } = (await toPlainInput(tensor)) as PlainTensor;
    const size = data.length / items;
    return numbers.map((item) => {
      const values = data.subarray(item * size, (item + 1) * size);
      return [defined({ data: values, dims: [1, ...Array.from(dims).slice(1)], dtype }), hints];
    });
  }

  #hintsOf(tensor: HostTensor): ReadHints {
    if (!this.#options.size) return this.#hints;
    const { width, height } = this.#options.size(tensor) ?? {};
    const hints = { ...this.#hints, width: width ?? Number.NaN, height: height ?? Number.NaN };
    checkHints(hints);
    return hints;
  }

  #tellFallback(what: string, { message, code }: LeapError): void {
    if (this.#toldFallback) return;
    this.#toldFallback = true;
    const notice = { code: 'fallback', message: `${what}: ${message} (${code})` };
    if (this.#options.onNotice) this.#options.onNotice(notice);
    else console.warn(`latent-leap: ${notice.message}`);
  }
}

/** Somebody ended it: nothing went wrong. */
function isWanted({ code }: LeapError): boolean {
  return code === 'cancelled' || code === 'closed';
}

/** Generators look for fields of their own at the session: diffusers.js for `config.scaling_factor`. */
function keepFields<T extends object>(session: T, host: HostSession | undefined): T {
  const left = Object.entries(host ?? {}).filter(([name]) => !(name in session));
  return Object.assign(session, Object.fromEntries(left));
}
