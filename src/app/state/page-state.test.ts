import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Latent,
  LeapError,
  type Report,
  type UpscaleOptions,
  type UpscaleResult,
  type Upscaler,
} from '../../client';
import { currentRun, itemState, shownOutcome } from './item';
import { PageState } from './page-state';
import { UpscalerHost } from './upscaler-host';

/** Canvases as far as the page uses them: Node has none. */
class FakeCanvas {
  width = 0;
  height = 0;
  getContext() {
    return { transferFromImageBitmap() {}, drawImage() {} };
  }
}

const bitmap = { width: 16, height: 16, close() {} } as unknown as ImageBitmap;

function makeLatent(item: number): Latent {
  const provenance = { item } as Latent['provenance'];
  return { family: 'sdxl', dims: [4, 2, 2], data: new Float32Array(16), provenance };
}

/** What the page asks of an upscaler. */
type FakeUpscaler = Omit<Upscaler, 'upscale' | 'run' | 'warmUp' | 'release'> & {
  upscale(latent: Latent, options: UpscaleOptions): Promise<UpscaleResult>;
};

/** An upscaler whose every answer the test can change. */
function makeUpscaler(): FakeUpscaler {
  return {
    read: async () => makeLatent(0),
    readAll: async (_input, hints) =>
      hints?.item === undefined ? [makeLatent(0), makeLatent(1)] : [makeLatent(hints.item)],
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

function result(latent: Latent, method: UpscaleOptions['method']): UpscaleResult {
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

let upscaler: FakeUpscaler;
let page: PageState;
let opened: number;

beforeEach(() => {
  vi.stubGlobal('document', { createElement: () => new FakeCanvas() });
  upscaler = makeUpscaler();
  opened = 0;
  const open = async () => {
    opened++;
    return upscaler as unknown as Upscaler;
  };
  page = new PageState(new UpscalerHost(open, {}), new UpscalerHost(open, {}), 2);
});

afterEach(() => vi.unstubAllGlobals());

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('PageState', () => {
  it('takes the nearest factor that LUA has where the address asks for another, and says so once', async () => {
    const open = async () => upscaler as unknown as Upscaler;
    page = new PageState(new UpscalerHost(open, {}), new UpscalerHost(open, {}), 1.5);
    page.add([
      { name: 'a.latent', input: new Uint8Array(), hints: { item: 0 } },
      { name: 'b.latent', input: new Uint8Array(), hints: { item: 0 }, scale: 3 },
    ]);
    await vi.waitFor(() => expect(page.items.map(({ scale }) => scale)).toEqual([2, 2]));
    const told = page.notices.filter(({ code }) => code === 'other-factor').map(({ message }) => message);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('Enlarged 2× instead of 1.5×: LUA makes 2× and 4×.');
    const [third] = page.add([{ name: 'c.latent', input: new Uint8Array(), hints: { item: 0 } }]);
    await vi.waitFor(() => expect(third!.scale).toBe(2));
    expect(page.notices.filter(({ code }) => code === 'other-factor')).toHaveLength(2);
  });

  it('makes an entry of every latent of a batch and runs both methods on each', async () => {
    page.add([{ name: 'batch.latent', input: new Uint8Array() }]);
    await settle();
    expect(page.items.map((item) => item.hints.item)).toEqual([undefined, 1]);
    expect(page.items.map(itemState)).toEqual(['done', 'done']);
    expect(page.device?.adapter).toBe('test');
  });

  it('runs one side at a time, the left one first, the selected latent before the others', async () => {
    const order: string[] = [];
    let running = 0;
    upscaler.upscale = async (latent, { method }) => {
      expect(++running).toBe(1);
      order.push(`${latent.provenance.item} ${method}`);
      await settle();
      running--;
      return result(latent, method);
    };
    page.add([{ name: 'batch.latent', input: new Uint8Array() }]);
    await settle();
    page.selectNext(1);
    await vi.waitFor(() => expect(page.items.map(itemState)).toEqual(['done', 'done']));
    expect(order).toEqual(['0 pixels', '1 pixels', '1 lua', '0 lua']);
  });

  it('cancels what runs and what waits, and ignores what comes too late', async () => {
    upscaler.readAll = async () => [makeLatent(0)];
    let finish = (_: UpscaleResult) => {};
    upscaler.upscale = () => new Promise((resolve) => (finish = resolve));
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    page.cancel(item);
    finish(result(makeLatent(0), 'pixels'));
    await settle();
    expect(itemState(item)).toBe('stopped');
    expect(currentRun(item).left.state).toBe('idle');
  });

  it('ignores progress that comes after its result', async () => {
    upscaler.readAll = async () => [makeLatent(0)];
    const late: (() => void)[] = [];
    upscaler.upscale = async (latent, { method, onProgress }) => {
      late.push(() => onProgress?.({ phase: 'decode', done: 4, total: 4, message: '' }));
      return result(latent, method);
    };
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    for (const tell of late) tell();
    expect(late.length).toBe(2);
    expect(itemState(page.items[0]!)).toBe('done');
  });

  it('makes entries of a batch that only a later reading finds, and of none that was overtaken', async () => {
    upscaler.readAll = async (_input, { layout } = {}) =>
      layout ? [makeLatent(0), makeLatent(1), makeLatent(2)] : [makeLatent(0)];
    page.add([{ name: 'a.npy', input: new Uint8Array() }]);
    await settle();
    expect(page.items.length).toBe(1);
    page.reread(page.items[0]!, { layout: 'packed' });
    page.reread(page.items[0]!, { layout: 'unpacked' });
    await settle();
    expect(page.items.map((item) => item.hints.item)).toEqual([undefined, 1, 2]);
    expect(page.items.map((item) => item.hints.layout)).toEqual(['unpacked', 'unpacked', 'unpacked']);
  });

  it('shows a small copy of the finished picture in the queue, the right one where there are two', async () => {
    const sizes = { pixels: { width: 960, height: 480 }, lua: { width: 480, height: 960 } };
    upscaler.readAll = async () => [makeLatent(0)];
    const finish: (() => void)[] = [];
    upscaler.upscale = (latent, { method }) => {
      const image = { ...bitmap, ...sizes[method as keyof typeof sizes] };
      return new Promise((resolve) => finish.push(() => resolve({ ...result(latent, method), image })));
    };
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    const size = () => [item.previews!.thumbnail.width, item.previews!.thumbnail.height];
    expect(size()).toEqual([16, 16]);
    finish[0]!();
    await settle();
    expect(size()).toEqual([240, 120]);
    finish[1]!();
    await settle();
    expect(size()).toEqual([120, 240]);
  });

  it('opens a new worker after the old one died', async () => {
    upscaler.readAll = async () => [makeLatent(0)];
    let dead = true;
    upscaler.upscale = async (latent, { method }) => {
      if (dead) throw new LeapError('worker-died', 'The worker died.');
      return result(latent, method);
    };
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    expect(itemState(item)).toBe('failed');
    const before = opened;
    dead = false;
    page.run(item);
    await settle();
    expect(itemState(item)).toBe('done');
    expect(opened).toBe(before + 1);
  });

  it('reads a batch once', async () => {
    upscaler.readAll = vi.fn(async () => [makeLatent(0), makeLatent(1), makeLatent(2)]);
    page.add([{ name: 'batch.latent', input: new Uint8Array() }]);
    await vi.waitFor(() => expect(page.items.map(itemState)).toEqual(['done', 'done', 'done']));
    expect(upscaler.readAll).toHaveBeenCalledTimes(1);
  });

  it('ignores a reading that a later one has overtaken, even at its preview', async () => {
    const readings: Latent[] = [makeLatent(0), { ...makeLatent(0), family: 'sd15' }];
    upscaler.readAll = async () => [readings.shift()!];
    const previews: (() => void)[] = [];
    upscaler.preview = () => new Promise((resolve) => previews.push(() => resolve(bitmap)));
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    page.reread(item, { family: 'sd15' });
    await settle();
    previews[1]!();
    await settle();
    previews[0]!();
    await settle();
    expect(item.latent?.family).toBe('sd15');
    expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: { latent: { family: 'sd15' } } });
  });

  it('does not bring back notices, and does not announce what was not cancelled', async () => {
    const spoken: string[] = [];
    page.addEventListener('announce', (event) => spoken.push((event as CustomEvent<string>).detail));
    page.notify({ code: 'slow', message: 'slower' });
    page.dismiss(page.notices[0]!);
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await vi.waitFor(() => expect(page.items.map(itemState)).toEqual(['done', 'done']));
    page.cancel(page.items[0]!);
    expect(page.notices).toEqual([]);
    expect(spoken.join()).not.toContain('cancelled');
  });

  it('reads anew with hints and drops the results of the earlier reading', async () => {
    upscaler.readAll = vi.fn(async () => [makeLatent(0)]);
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    page.reread(item, { family: 'sd15' });
    expect(itemState(item)).toBe('reading');
    await settle();
    expect(upscaler.readAll).toHaveBeenLastCalledWith(
      item.input,
      { family: 'sd15', name: 'a.latent' },
      expect.anything(),
    );
    expect(itemState(item)).toBe('done');
  });

  it('runs a side anew with the models chosen for it, and begins the next latent of the family with them', async () => {
    upscaler.readAll = async () => [makeLatent(0)];
    const asked: (string | undefined)[] = [];
    upscaler.upscale = async (latent, { method, decoder }) => {
      asked.push(`${method} ${decoder}`);
      return result(latent, method);
    };
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    page.choose(item, 'right', { method: 'bicubic', lua: undefined, decoder: 'taesdxl' });
    await settle();
    page.add([{ name: 'b.latent', input: new Uint8Array() }]);
    await settle();
    expect(asked.slice(2)).toEqual(['bicubic taesdxl', 'pixels undefined', 'bicubic taesdxl']);
    expect(page.items.map(itemState)).toEqual(['done', 'done']);
  });

  it('takes a checkpoint for what it is, and forgets the choice of a model that is removed', async () => {
    upscaler.inspectModel = async () => [
      { kind: 'decoder', architecture: 'taesd-decoder', channels: 4, families: ['sdxl'] },
    ];
    upscaler.readAll = vi.fn(async () => [makeLatent(0)]);
    page.add([{ name: 'vae.safetensors', input: new Blob(['x']) }]);
    await settle();
    expect(itemState(page.items[0]!)).toBe('model');
    expect(upscaler.readAll).not.toHaveBeenCalled();

    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[1]!;
    upscaler.models = async () => [{ id: 'custom-decoder-1', custom: true } as never];
    await page.shelf.load();
    page.choose(item, 'left', { method: 'lua', lua: undefined, decoder: 'custom-decoder-1' });
    await settle();
    await page.shelf.remove('custom-decoder-1');
    expect(item.choices.left.decoder).toBeUndefined();
    expect(currentRun(item).left.state).toBe('idle');
    expect(currentRun(item).right.state).toBe('done');
  });

  describe('nothing is lost by choosing', () => {
    const taesd = { method: 'lua', lua: undefined, decoder: 'taesdxl' } as const;

    async function addOne() {
      upscaler.readAll = async () => [makeLatent(0)];
      page.add([{ name: 'a.latent', input: new Uint8Array() }]);
      await settle();
      const item = page.items[0]!;
      const before = shownOutcome(currentRun(item).right)!;
      return { item, before };
    }

    it('shows the picture that is there until the new one is', async () => {
      const { item, before } = await addOne();
      let finish = () => {};
      upscaler.upscale = (latent, { method }) =>
        new Promise((resolve) => {
          finish = () => resolve(result(latent, method));
        });
      page.choose(item, 'right', taesd);
      await settle();
      expect(currentRun(item).right.state).toBe('running');
      expect(shownOutcome(currentRun(item).right)).toBe(before);
      finish();
      await settle();
      expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: { choice: taesd } });
      expect(before.canvas.width).toBe(0);
    });

    it('goes back to it when the new one fails or is cancelled, and remembers only what worked', async () => {
      const { item, before } = await addOne();
      const spoken: string[] = [];
      page.addEventListener('announce', (event) => spoken.push((event as CustomEvent<string>).detail));
      upscaler.upscale = () => Promise.reject(new LeapError('download-failed', 'No network.'));
      page.choose(item, 'right', taesd);
      await settle();
      const side = currentRun(item).right;
      expect(side).toMatchObject({ state: 'done', outcome: before, problem: { choice: taesd } });
      expect(item.choices.right).toEqual(before.choice);
      // What failed is named, not what stayed.
      expect(spoken).toContain('a.latent, LUA, taesdxl: No network.');
      upscaler.upscale = async (latent, { method }) => result(latent, method);
      page.add([{ name: 'b.latent', input: new Uint8Array() }]);
      await settle();
      expect(page.items[1]!.choices.right.decoder).toBeUndefined();

      upscaler.upscale = () => new Promise(() => {});
      page.choose(item, 'right', taesd);
      page.cancel(item);
      expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: before });
    });

    it('goes back to the factor from before when a choice that brought another comes to nothing', async () => {
      const half = { method: 'lua', lua: 'one-and-a-half', decoder: undefined } as const;
      const facts = { kind: 'lua', family: 'sdxl', label: 'Other', scales: [1.5] };
      upscaler.models = async () => [{ id: half.lua, ...facts } as never];
      const { item, before } = await addOne();
      const { upscale } = upscaler;
      upscaler.upscale = (latent, options) =>
        options.lua
          ? Promise.reject(new LeapError('download-failed', 'No network.'))
          : upscale(latent, options);
      page.choose(item, 'right', half);
      expect(item.scale).toBe(1.5);
      await settle();
      expect(item.scale).toBe(2);
      expect(currentRun(item).right).toMatchObject({
        state: 'done',
        outcome: before,
        problem: { choice: half },
      });
      expect(itemState(item)).toBe('done');
      // Trying again goes to the factor again.
      upscaler.upscale = upscale;
      page.retry(item);
      await settle();
      expect(item.scale).toBe(1.5);
      expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: { choice: half } });
      expect(itemState(item)).toBe('done');
    });

    it('tries again what failed', async () => {
      const { item } = await addOne();
      const { upscale } = makeUpscaler();
      upscaler.upscale = () => Promise.reject(new LeapError('download-failed', 'No network.'));
      page.choose(item, 'right', taesd);
      await settle();
      upscaler.upscale = upscale;
      page.retry(item);
      await settle();
      expect(currentRun(item).right).toMatchObject({
        state: 'done',
        outcome: { choice: taesd },
        problem: undefined,
      });
    });

    it('keeps the reading and its pictures when another one fails', async () => {
      const { item, before } = await addOne();
      upscaler.readAll = () => Promise.reject(new LeapError('not-a-latent', 'No.'));
      page.reread(item, { family: 'flux1' });
      await settle();
      expect(item.error?.code).toBe('not-a-latent');
      expect(itemState(item)).toBe('done');
      expect(shownOutcome(currentRun(item).right)).toBe(before);
      expect(item.hints).toEqual({});
      upscaler.readAll = vi.fn(async () => [makeLatent(0)]);
      page.retryRead(item);
      await settle();
      expect(upscaler.readAll).toHaveBeenLastCalledWith(
        item.input,
        { family: 'flux1', name: 'a.latent' },
        expect.anything(),
      );
    });

    it('begins the next file with the factor chosen last', async () => {
      const { item } = await addOne();
      page.setScale(item, 4);
      page.add([{ name: 'b.latent', input: new Uint8Array() }]);
      await settle();
      expect(page.items.map(({ scale }) => scale)).toEqual([4, 4]);
      // Back to 2: the picture is still there.
      page.setScale(item, 2);
      expect(itemState(item)).toBe('done');
    });
  });
});
