import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceInfo, Latent, Progress, Report, Upscaler } from '../../../client';
import { createItem } from '../item';
import { UpscalerHost } from '../upscaler-host';
import { runSide } from './run-side';

const latent = { family: 'sdxl', dims: [4, 8, 8], provenance: {} } as unknown as Latent;

let calls: string[];
let backend: DeviceInfo['backend'];

/** Says what it is asked for; the first run of a way says that the device is made ready. */
const upscaler = {
  device: async () => ({ backend, precision: 'fp32', adapter: 'test' }),
  warmUp: async ({ method, onProgress }: Parameters<Upscaler['warmUp']>[0]) => {
    calls.push(`warm up ${method}`);
    onProgress?.({ phase: 'prepare', done: 0, total: 1, message: '' });
  },
  upscale: async (_: Latent, { method, onProgress }: Parameters<Upscaler['upscale']>[1]) => {
    calls.push(`run ${method}`);
    onProgress?.({ phase: 'upscale', done: 0, total: 1, message: '' });
    return { image: { width: 8, height: 8 }, latent, report: {} as Report };
  },
} as unknown as Upscaler;

function run(side: 'left' | 'right', host: UpscalerHost, signal = new AbortController().signal) {
  const item = { ...createItem('a', new Uint8Array(), {}, 2), latent };
  const onProgress = ({ phase }: Progress) => calls.push(phase);
  return runSide(host, item, side, { passes: 1, signal, onProgress });
}

beforeEach(() => {
  calls = [];
  const canvas = () => ({ getContext: () => ({ transferFromImageBitmap() {} }) });
  vi.stubGlobal('document', { createElement: canvas });
});

afterEach(() => vi.unstubAllGlobals());

describe('what a GPU has to compile is not counted as part of a run', () => {
  it('is compiled in a phase of its own before the run, once for each way', async () => {
    backend = 'webgpu';
    const host = new UpscalerHost(async () => upscaler, {});
    await run('left', host);
    await run('right', host);
    await run('left', host);
    expect(calls).toEqual([
      ...['warm up pixels', 'prepare', 'run pixels', 'upscale'],
      ...['warm up lua', 'prepare', 'run lua', 'upscale'],
      ...['run pixels', 'upscale'],
    ]);
  });

  it('is compiled by the next run where a cancelled one has not done it', async () => {
    backend = 'webgpu';
    const controller = new AbortController();
    const warmUp: Upscaler['warmUp'] = async (options) => {
      if (!controller.signal.aborted) controller.abort();
      options.signal?.throwIfAborted();
      return upscaler.warmUp(options);
    };
    const host = new UpscalerHost(async () => ({ ...upscaler, warmUp }), {});
    await expect(run('right', host, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await run('right', host);
    expect(calls).toEqual(['warm up lua', 'prepare', 'run lua', 'upscale']);
  });

  it('keeps nobody who cancels while the device is opened', async () => {
    const controller = new AbortController();
    const host = new UpscalerHost(async () => ({ ...upscaler, device: () => new Promise(() => {}) }), {});
    const running = run('left', host, controller.signal);
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toEqual([]);
  });

  it('takes no phase on WebAssembly, which compiles nothing', async () => {
    backend = 'wasm';
    await run('left', new UpscalerHost(async () => ({ ...upscaler }), {}));
    expect(calls).toEqual(['run pixels', 'upscale']);
  });
});
