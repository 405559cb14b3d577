import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ModelStatus, Upscaler } from '../../client';
import { LeapError, toLeapError } from '../../errors';
import { DEFAULT_FACTOR } from '../../factor';
import { copyBitmap } from '../copy-bitmap';
import type { LatentCompareElement } from '../latent-compare-element';
import { type ComparedSide, type PictureSize, SIDES, type SideId } from '../sides';
import { compareLatent } from './compare-latent';
import { METHOD_LABELS } from './method-labels';
import { nameModel } from './name-model';
import { UpscalerShare } from './shared-upscalers';

/** How much a preview is enlarged smoothly; the view does the rest. */
const PREVIEW_TIMES = 4;

type Asked =
  | 'src'
  | 'latent'
  | 'family'
  | 'scale'
  | 'models'
  | 'ways'
  | 'upscaler'
  | 'left'
  | 'right'
  | 'size';

/** What a latent can be shown with. */
interface Host
  extends ReactiveControllerHost,
    Pick<HTMLElement, 'getAttribute' | 'dispatchEvent'>,
    Pick<LatentCompareElement, Asked> {
  readonly isConnected: boolean;
  /** What is said on the stage: how far it is, or what went wrong. */
  status: string;
  /** What is said to those who listen, who need not hear of each step. */
  spoken: string;
}

/** Shows the host's latent, or the file at its address, enlarged in two ways; anew when one of them changes. */
export class LatentSource implements ReactiveController {
  readonly #host: Host;
  #shown: readonly unknown[] = [];
  #models: readonly ModelStatus[] = [];
  #abort: AbortController | undefined;
  /** Both pictures of what is shown are there. */
  #finished = false;
  #share: UpscalerShare | undefined;
  /** The file that was fetched last: its address may be good for once only. */
  #fetched: { src: string; file: Blob } | undefined;
  /** The address or the latent that the host shows pictures of. */
  #showing: unknown;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdate(): void {
    // Lit updates elements that were taken out of the page, too.
    if (!this.#host.isConnected) return;
    const { src, latent, family, scale, models, ways, upscaler } = this.#host;
    const wanted = [src, latent, family, scale, models, ways, upscaler];
    // Not ===: a factor that is not a number would be another one each time.
    if (wanted.every((value, i) => Object.is(value, this.#shown[i]))) return;
    this.#shown = wanted;
    this.#stop();
    if (src || latent) void this.#start();
    else this.#clear();
  }

  /** Taken out and put in again, the element begins what it had not finished. */
  hostConnected(): void {
    this.#host.requestUpdate();
  }

  /** One that is only moved is connected again at once, and goes on. */
  hostDisconnected(): void {
    setTimeout(() => {
      if (this.#host.isConnected) return;
      if (!this.#finished) this.#shown = [];
      this.#stop();
      this.#giveBack();
    });
  }

  #stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  /** Takes away what was shown of a latent; without one the host shows pictures that it is given. */
  #clear(): void {
    this.#giveBack();
    const host = this.#host;
    if (this.#showing === undefined && host.status === '') return;
    this.#showing = undefined;
    host.status = '';
    host.spoken = '';
    host.size = undefined;
    for (const side of SIDES) host[side] = undefined;
  }

  #giveBack(): void {
    this.#share?.giveBack();
    this.#share = undefined;
  }

  async #start(): Promise<void> {
    const host = this.#host;
    const abort = new AbortController();
    this.#abort = abort;
    this.#finished = false;
    const { signal } = abort;
    const wanted = host.latent ?? host.src;
    host.status = 'Starting';
    host.spoken = 'The pictures are being made.';
    try {
      const upscaler = host.upscaler ?? (await this.#open());
      this.#models = await upscaler.models();
      const subject = host.latent ?? (await this.#fetch(host.src, signal));
      signal.throwIfAborted();
      await compareLatent(upscaler, {
        subject,
        name: host.latent ? undefined : fileName(host.src),
        // null: of an attribute that was taken away.
        family: host.family ?? undefined,
        scale: this.#scale,
        scaleText: host.getAttribute('scale'),
        ways: host.ways,
        signal,
        onReading: ({ message }) => {
          if (!signal.aborted) host.status = message;
        },
        onPreview: (bitmap, size) => {
          this.#showing = wanted;
          this.#showPreview(bitmap, size);
        },
        onProgress: (side, progress) => {
          if (signal.aborted) return;
          host.status = `${this.#labelOf(side)}: ${progress.message}`;
          this.#tell('compare-progress', { side, progress });
        },
        onDone: (side, bitmap, report) => {
          const picture = copyBitmap(bitmap, 1);
          bitmap.close();
          host[side] = { ...this.#sideOf(side), picture, note: this.#nameOf(report.models.decoder) };
          host.spoken = `${this.#labelOf(side)} is ready.`;
          this.#tell('compare-done', { side, report });
        },
      });
      if (signal.aborted) return;
      host.status = '';
      this.#finished = true;
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toLeapError(thrown);
      if (error.code === 'worker-died' || error.code === 'closed') this.#share?.drop();
      // Pictures of another latent would be taken for those of this one.
      if (this.#showing !== wanted) for (const side of SIDES) host[side] = this.#sideOf(side);
      this.#showing = wanted;
      host.status = error.message;
      host.spoken = error.message;
      this.#tell('compare-error', error);
    }
  }

  async #fetch(src: string, signal: AbortSignal): Promise<Blob> {
    if (this.#fetched?.src !== src) this.#fetched = { src, file: await fetchFile(src, signal) };
    return this.#fetched.file;
  }

  #open(): Promise<Upscaler> {
    // Taken before the last one is given back: where it is the same upscaler, that goes on.
    const before = this.#share;
    this.#share = new UpscalerShare(this.#host.models);
    before?.giveBack();
    return this.#share.upscaler;
  }

  #showPreview(bitmap: ImageBitmap, size: PictureSize): void {
    this.#host.size = size;
    for (const side of SIDES) {
      const picture = copyBitmap(bitmap, PREVIEW_TIMES);
      this.#host[side] = { ...this.#sideOf(side), picture, note: 'rough preview', rough: true };
    }
    bitmap.close();
  }

  /** It is null where its attribute was taken away. */
  get #scale(): number {
    return this.#host.scale ?? DEFAULT_FACTOR;
  }

  #sideOf(side: SideId): ComparedSide {
    const isLua = this.#host.ways[side].method === 'lua' && this.#scale !== 1;
    return { label: this.#labelOf(side), marked: isLua };
  }

  #labelOf(side: SideId): string {
    const { method, lua } = this.#host.ways[side];
    // Nothing is enlarged then, whatever the way would be.
    if (this.#scale === 1) return 'Decoded';
    return lua ? this.#nameOf(lua) : METHOD_LABELS[method];
  }

  /** The catalogue's label, without the families that it is for. */
  #nameOf(id: string): string {
    const model = this.#models.find((one) => one.id === id);
    return model ? nameModel(model) : id;
  }

  #tell(type: string, detail: unknown): void {
    this.#host.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

/** @throws LeapError `download-failed` */
async function fetchFile(src: string, signal: AbortSignal): Promise<Blob> {
  const url = new URL(src, document.baseURI).href;
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new LeapError(
      'download-failed',
      `The latent could not be fetched from ${url}.`,
      { url },
      { cause },
    );
  });
  if (!response.ok) {
    const message = `The latent could not be fetched from ${url}: HTTP ${response.status}.`;
    throw new LeapError('download-failed', message, { url, status: response.status });
  }
  return response.blob();
}

function fileName(src: string): string | undefined {
  return new URL(src, document.baseURI).pathname.split('/').pop() || undefined;
}
