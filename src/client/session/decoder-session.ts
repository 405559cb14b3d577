import { defined } from '../../defined';
import type { Method, OutputCheck, Scale } from '../../engine/types';
import { LeapError, toLeapError } from '../../errors';
import { DEFAULT_FACTOR } from '../../factor';
import { FAMILIES, FAMILY_IDS } from '../../latent';
import type { PlainTensor } from '../../latent/latent-from-raw';
import type { BatchNorm, FamilyId, Layout, ReadHints, Space } from '../../latent/types';
import { createUpscaler } from '../create-upscaler';
import { asGpuTensor, toPlainInput } from '../input/plain-input';
import { checkCallback, checkFlag, checkNames, checkObject, checkOneOf } from '../options/check';
import { checkHints } from '../options/check-options';
import type { CreateOptions } from '../options/create-options';
import { CREATE, type Names } from '../options/option-names';
import type { GpuTensor, HostTensor, LatentInput, UpscaleOptions, Upscaler } from '../types';
import { findDevice } from './find-device';
import { joinBuffers, makeTensor, type NumberType, type PictureTensor } from './make-tensor';

/** What a host calls of a session of its own. */
export interface HostSession {
  run(feeds: never, ...rest: never[]): Promise<unknown>;
  release?(): Promise<void>;
}

export interface DecoderSessionOptions
  extends Omit<CreateOptions, 'thread'>,
    Pick<UpscaleOptions, 'decoder' | 'lua' | 'passes' | 'tile'> {
  family: FamilyId;
  /** How many times larger the picture is; default 2. */
  scale?: Scale;
  /** Default `lua`. */
  method?: Method;
  /**
   * The space of `latent_sample`; default `decoder`, in which the decoders of all generators take it. Needed for packed
   * tokens, which come in either.
   */
  space?: Space;
  /** The layout of `latent_sample`; default: what its shape says. */
  layout?: Layout;
  /** Size of packed latents, in latent positions. */
  width?: number;
  height?: number;
  /** Gives that size anew at each `run`, where pictures of a generator differ in size. Instead of `width` and `height`. */
  size?: (latentSample: HostTensor) => { width: number; height: number };
  /** The batch norm of FLUX.2's VAE, in decoder space. */
  batchNorm?: BatchNorm;
  /** Type and place of `sample`; default: those of `latent_sample`. */
  output?: { type?: NumberType; location?: 'cpu' | 'gpu-buffer' };
  /** As of {@link UpscaleOptions.check}. */
  check?: OutputCheck;
  /**
   * Moves the values of a single `latent_sample` on the CPU to the worker instead of copying them: the host's array is
   * empty afterwards. Not with `fallback`, which would have nothing to decode. In this thread nothing is copied anyway.
   */
  transfer?: boolean;
  /**
   * The host's own decoder, which takes over when this one fails; that is told once, by `onNotice`. Fields that a host
   * has added to it are there on the new session too.
   */
  fallback?: HostSession;
}

const { thread: _, ...OPENING } = CREATE;

/** The options that are not passed on to `createUpscaler`. */
const OF_SESSION: Names<Omit<DecoderSessionOptions, keyof CreateOptions>> = {
  family: true,
  scale: true,
  method: true,
  decoder: true,
  lua: true,
  passes: true,
  tile: true,
  space: true,
  layout: true,
  width: true,
  height: true,
  size: true,
  batchNorm: true,
  output: true,
  check: true,
  transfer: true,
  fallback: true,
};

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
 * @throws LeapError as `createUpscaler`
 */
export async function createDecoderSession(options: DecoderSessionOptions): Promise<DecoderSession> {
  checkObject('The options', options);
  checkNames('The options of createDecoderSession', options, { ...OPENING, ...OF_SESSION });
  checkOneOf('The family', options.family ?? null, FAMILY_IDS);
  const { family, space = 'decoder', layout, width, height, batchNorm } = options;
  const hints = defined({ family, space, layout, width, height, batchNorm });
  checkHints(hints);
  checkTransfer(options);
  checkSize(options);
  const device = options.device ?? (await findDevice(options.ort));
  const here = options.ort !== undefined || device !== undefined;
  const opening = Object.fromEntries(Object.entries(options).filter(([name]) => name in OPENING));
  const upscaler = await createUpscaler(
    defined({ ...opening, device, thread: here ? ('this' as const) : ('worker' as const) }),
  );
  const session = new UpscalerSession(upscaler, options, hints, device);
  return keepFields(session, options.fallback);
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

  async run<T extends HostTensor>(feeds: Record<string, T>, ...rest: unknown[]): Promise<{ sample: T }> {
    const { fallback } = this.#options;
    try {
      return { sample: await this.#decode(pickLatent(feeds)) };
    } catch (thrown) {
      const error = toLeapError(thrown);
      const wanted = error.code === 'cancelled' || error.code === 'closed';
      if (!fallback || wanted) throw error;
      this.#tellFallback(error);
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

  #tellFallback({ message, code }: LeapError): void {
    if (this.#toldFallback) return;
    this.#toldFallback = true;
    const notice = {
      code: 'fallback',
      message: `The picture was not enlarged; the generator's own decoder made it: ${message} (${code})`,
    };
    if (this.#options.onNotice) this.#options.onNotice(notice);
    else console.warn(`latent-leap: ${notice.message}`);
  }
}

/** Generators look for fields of their own at the session: diffusers.js for `config.scaling_factor`. */
function keepFields<T extends object>(session: T, host: HostSession | undefined): T {
  const left = Object.entries(host ?? {}).filter(([name]) => !(name in session));
  return Object.assign(session, Object.fromEntries(left));
}

/** @throws LeapError `bad-option` */
function pickLatent<T extends HostTensor>(feeds: Record<string, T>): T {
  const tensors = Object.values(feeds ?? {});
  const tensor = feeds?.latent_sample ?? (tensors.length === 1 ? tensors[0] : undefined);
  if (tensor) return tensor;
  throw new LeapError(
    'bad-option',
    `Expected the feed latent_sample, not ${Object.keys(feeds ?? {}) || 'nothing'}.`,
  );
}

/** The batch: the first of four axes, or of packed [B, N, 4C]. */
function itemsOf(tensor: HostTensor, hints: ReadHints): number {
  const { length } = tensor.dims;
  return length === 4 || (length === 3 && !isUnpacked(tensor, hints)) ? Number(tensor.dims[0]) : 1;
}

/** [C, h, w] or [B, C, h, w], and no 2x2 patches. */
function isUnpacked({ dims }: HostTensor, { family, layout = 'unpacked' }: ReadHints): boolean {
  const { length } = dims;
  return layout === 'unpacked' && length >= 3 && dims[length - 3] === FAMILIES[family!].channels;
}

/** Taken for those of the other space, patches give a picture that is wrong, but not obviously. @throws LeapError `bad-option` */
function checkSpace(tensor: HostTensor, { space, family, layout }: DecoderSessionOptions): void {
  if (space || isUnpacked(tensor, defined({ family, layout }))) return;
  throw new LeapError(
    'bad-option',
    `latent_sample has the shape [${Array.from(tensor.dims)}] of 2x2 patches. Generators keep such normalised, as the denoiser gives them ` +
      "(space: 'model'), or bring them to what the decoder takes (space: 'decoder'). Say which by the option space.",
  );
}

/** @throws LeapError `bad-option` */
function checkSize({ size, width, height }: DecoderSessionOptions): void {
  checkCallback('The option size', size);
  if (!size || (width === undefined && height === undefined)) return;
  throw new LeapError(
    'bad-option',
    'The option size excludes width and height: it gives them at each run. Leave out one or the other.',
  );
}

/** @throws LeapError `bad-option` */
function checkTransfer({ transfer, fallback }: DecoderSessionOptions): void {
  checkFlag('The option transfer', transfer);
  if (!transfer || !fallback) return;
  throw new LeapError(
    'bad-option',
    'The options transfer and fallback exclude each other: a latent that was moved to the worker is not there for the fallback. Leave out one of them.',
  );
}
