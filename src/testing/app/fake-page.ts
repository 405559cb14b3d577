import { afterEach, beforeEach, vi } from 'vitest';
import { PageState } from '../../app/state/page-state';
import { UpscalerHost } from '../../app/state/upscaler-host';
import {
  type Latent,
  LeapError,
  type Report,
  type Scale,
  type UpscaleOptions,
  type UpscaleResult,
  type Upscaler,
} from '../../client';

/**
 * The state of a page whose workers are made up, and give their answers at once. A test file that imports this has a new
 * one before each test.
 */

/** Canvases as far as the page uses them: Node has none. */
class FakeCanvas {
  width = 0;
  height = 0;
  getContext() {
    return { transferFromImageBitmap() {}, drawImage() {} };
  }
}

export const bitmap = { width: 16, height: 16, close() {} } as unknown as ImageBitmap;

export function makeLatent(item: number): Latent {
  const provenance = { item, guesses: [] } as unknown as Latent['provenance'];
  return {
    family: 'sdxl',
    dims: [4, 2, 2],
    data: Float32Array.from({ length: 16 }, (_, i) => i),
    provenance,
  };
}

/** What the page asks of an upscaler. */
type FakeUpscaler = Omit<Upscaler, 'upscale' | 'run' | 'checkModels' | 'warmUp' | 'release'> & {
  upscale(latent: Latent, options: UpscaleOptions): Promise<UpscaleResult>;
};

/** An upscaler whose every answer the test can change. */
export function makeUpscaler(): FakeUpscaler {
  return {
    read: async () => makeLatent(0),
    readAll: async (_input, hints) =>
      hints?.item === undefined ? [makeLatent(0), makeLatent(1)] : [makeLatent(Number(hints.item))],
    preview: async () => bitmap,
    upscale: async (latent, { method }) => result(latent, method),
    write: async () => new Uint8Array(),
    device: async () => ({ backend: 'wasm', precision: 'fp32', adapter: 'test' }),
    models: async () => [],
    fetchModel: () => Promise.reject(new LeapError('no-model', 'none')),
    pinModel: () => Promise.reject(new LeapError('no-model', 'none')),
    inspectModel: async () => [],
    addModel: () => Promise.reject(new LeapError('no-model', 'none')),
    removeModel: async () => {},
    clearCache: async () => {},
    close: async () => {},
  };
}

export function result(latent: Latent, method: UpscaleOptions['method']): UpscaleResult {
  const report = {
    backend: 'wasm',
    precision: 'fp32',
    adapter: 'test',
    method,
    ms: { upscale: 1, decode: 2, enlarge: 0 },
    width: 32,
    height: 32,
    notices: ['slower'],
  } as unknown as Report;
  return { image: bitmap, latent, report };
}

export let upscaler: FakeUpscaler;
export let page: PageState;
/** How many workers the page has opened. */
export let opened: number;

/** A page with another factor than 2. */
export function openPage(scale: Scale): void {
  const open = async () => {
    opened++;
    return upscaler as unknown as Upscaler;
  };
  page = new PageState(new UpscalerHost(open, {}), new UpscalerHost(open, {}), scale);
}

beforeEach(() => {
  vi.stubGlobal('document', { createElement: () => new FakeCanvas() });
  upscaler = makeUpscaler();
  opened = 0;
  openPage(2);
});

afterEach(() => vi.unstubAllGlobals());

export const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 5));
