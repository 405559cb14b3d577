import { describe, expect, it, vi } from 'vitest';
import { type Latent, LeapError, type UpscaleResult } from '../../client';
import {
  bitmap,
  makeLatent,
  opened,
  openPage,
  page,
  result,
  settle,
  upscaler,
} from '../../testing/app/fake-page';
import { currentRun, itemState } from './item';

describe('PageState', () => {
  it('takes the nearest factor that LUA has where the address asks for another, says so of each, and offers it', async () => {
    openPage(1.5);
    const spoken = vi.spyOn(page, 'announce');
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
    expect(page.notices.filter(({ code }) => code === 'other-factor')).toHaveLength(3);
    // The same words are read out once.
    expect(spoken.mock.calls.filter(([text]) => text === told[0])).toHaveLength(1);
    // What was said of an entry goes with it.
    page.remove(page.items[0]!);
    const left = page.notices.filter(({ code }) => code === 'other-factor');
    expect(left.map(({ item }) => item)).toEqual(page.items);
    expect(left[1]!.action!.label).toBe('1.5× by bicubic');
    left[1]!.action!.run();
    expect(third).toMatchObject({ scale: 1.5, choices: { right: { method: 'bicubic' } } });
    expect(page.notices).not.toContain(left[1]);
  });

  it('forgets that an address was refused when something opens', async () => {
    page.notify({ code: 'address', message: 'Only https addresses.' });
    page.notify({ code: 'address', message: 'Fetch it?', action: { label: 'Fetch', run: () => {} } });
    page.add([{ name: 'a.latent', input: new Uint8Array(), hints: { item: 0 } }]);
    expect(page.notices.map(({ message }) => message)).toEqual(['Fetch it?']);
  });

  it('brings back what was said of an entry with the entry, and forgets it when the factor is chosen', async () => {
    openPage(1.5);
    const [item] = page.add([{ name: 'a.latent', input: new Uint8Array(), hints: { item: 0 } }]);
    await vi.waitFor(() => expect(page.notices.map(({ code }) => code)).toEqual(['other-factor']));
    page.discard([item!]);
    page.undoRemoval();
    expect(page.items).toEqual([item]);
    expect(page.notices.map(({ code }) => code)).toEqual(['other-factor']);
    page.setScale(item!, 4);
    expect(page.notices).toEqual([]);
  });

  it('goes on with all that was stopped, also while it was read', async () => {
    const { readAll } = upscaler;
    upscaler.readAll = (_, hints, { signal } = {}) =>
      hints?.name === 'a.png'
        ? new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
        : readAll(new Uint8Array(), { item: 0 });
    upscaler.upscale = (_, { signal }) =>
      new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    const picture = new File(['a picture'], 'a.png', { type: 'image/png' });
    const items = page.add([
      { name: 'a.png', input: picture },
      { name: 'b.latent', input: new Uint8Array(), hints: { item: 0 } },
    ]);
    await vi.waitFor(() => expect(items.map(itemState)).toEqual(['reading', 'running']));
    page.cancelAll();
    await vi.waitFor(() => expect(items.map(itemState)).toEqual(['stopped', 'stopped']));
    page.runAll(items);
    await vi.waitFor(() => expect(items.map(itemState)).toEqual(['reading', 'running']));
  });

  it('makes an entry of every latent of a batch and runs both methods on each', async () => {
    page.add([{ name: 'batch.latent', input: new Uint8Array() }]);
    await settle();
    expect(page.items.map((item) => item.hints.item)).toEqual([undefined, 1]);
    expect(page.items.map(itemState)).toEqual(['done', 'done']);
    expect(page.device?.adapter).toBe('test');
  });

  it('keeps the pictures that are being saved, however many are finished meanwhile', async () => {
    const large = { width: 8000, height: 4000, close() {} } as unknown as ImageBitmap;
    upscaler.upscale = async (latent, { method }) => ({ ...result(latent, method), image: large });
    const add = async (name: string) => {
      const [item] = page.add([{ name, input: new Uint8Array(), hints: { item: 0 } }]);
      await vi.waitFor(() => expect(itemState(item!)).toBe('done'));
      return item!;
    };
    const first = await add('a.latent');
    let saved = () => {};
    const work = page.keepWhile([first], () => new Promise<void>((resolve) => (saved = resolve)));
    page.select(await add('b.latent'));
    await add('c.latent');
    expect(itemState(first)).toBe('done');
    saved();
    await work;
    expect(itemState(first)).not.toBe('done');
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

  it('fails only the entry of a batch that cannot be shown, and reads the others', async () => {
    upscaler.readAll = async () => [makeLatent(0), makeLatent(1), makeLatent(2)];
    upscaler.preview = async (latent) => {
      if (latent.provenance.item === 1) throw new LeapError('worker-died', 'The worker died.');
      return bitmap;
    };
    page.add([{ name: 'batch.latent', input: new Uint8Array() }]);
    await vi.waitFor(() => expect(page.items.map(itemState)).toEqual(['done', 'failed', 'done']));
    expect(page.items.map(({ error }) => error?.code)).toEqual([undefined, 'worker-died', undefined]);
  });

  it('reads what was removed and put back while it was looked into, without an error', async () => {
    upscaler.readAll = async (_input, _hints, { signal } = {}) => {
      await settle();
      signal?.throwIfAborted();
      return [makeLatent(0)];
    };
    const [item] = page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    page.discard([item!]);
    page.notices.find(({ action }) => action?.label === 'Undo')!.action!.run();
    await vi.waitFor(() => expect(itemState(item!)).toBe('done'));
    expect(item!.error).toBeUndefined();
  });

  it('takes a file for a picture by its first bytes, where it has no type', async () => {
    const png = new Uint8Array([
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
    ]);
    const [item] = page.add([{ name: 'photo', input: new File([png], 'photo') }]);
    await vi.waitFor(() => expect((item!.input as File).type).toBe('image/png'));
  });

  it('asks about each of two files of one name, and once about each', () => {
    const ask = (about: string) =>
      page.notify({ code: 'address', message: 'Fetch a?', about, action: { label: 'Fetch', run: () => {} } });
    for (const about of ['https://h/1/a', 'https://h/2/a', 'https://h/1/a']) ask(about);
    expect(page.notices.filter(({ code }) => code === 'address')).toHaveLength(2);
  });

  it('says once that a part of the page is missing, however often it is asked for', () => {
    const notice = () => ({
      code: 'part-missing',
      message: 'Gone.',
      action: { label: 'Reload', run: () => {} },
    });
    page.notify(notice());
    page.notify(notice());
    expect(page.notices.filter(({ code }) => code === 'part-missing')).toHaveLength(1);
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

  describe('when what is asked of a file cannot be read', () => {
    /** Space hints are read when the test says so, family hints are refused. */
    async function openReadable() {
      const released: (() => void)[] = [];
      upscaler.readAll = async (_, hints) => {
        if (hints?.family) throw new LeapError('not-a-latent', 'No.');
        if (hints?.space) await new Promise<void>((resolve) => released.push(resolve));
        return [makeLatent(0)];
      };
      page.add([{ name: 'a.latent', input: new Uint8Array(), hints: { item: 0 } }]);
      await settle();
      return { item: page.items[0]!, release: () => released.forEach((go) => void go()) };
    }

    it('has the hints of the reading that is shown, also after two requests in a row', async () => {
      const { item, release } = await openReadable();
      const shown = item.latent;
      page.reread(item, { space: 'decoder' });
      await settle();
      page.reread(item, { family: 'flux1' });
      release();
      await settle();
      expect([item.latent === shown, item.reading, item.hints]).toEqual([true, false, { item: 0 }]);
      expect(item.failedHints).toEqual({ item: 0, space: 'decoder', family: 'flux1' });
    });

    it('has them, too, when it was removed meanwhile and put back', async () => {
      const { item } = await openReadable();
      page.reread(item, { space: 'decoder' });
      await settle();
      page.discard([item]);
      upscaler.readAll = async () => {
        throw new LeapError('not-a-latent', 'No.');
      };
      page.notices.find(({ code }) => code === 'removed')!.action!.run();
      await settle();
      expect([item.latent !== undefined, item.reading, item.hints]).toEqual([true, false, { item: 0 }]);
    });
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

  it('puts back what was removed with its pictures, and starts only what was under way', async () => {
    upscaler.readAll = async () => [makeLatent(0)];
    const [done] = page.add([{ name: 'done.latent', input: new Uint8Array() }]);
    await settle();
    const pictures = currentRun(done!);
    upscaler.upscale = vi.fn(async (_, options) => {
      await new Promise((_, reject) => options!.signal!.addEventListener('abort', reject));
      throw new LeapError('cancelled', 'Cancelled.');
    });
    const [cancelled, running] = page.add([
      { name: 'cancelled.latent', input: new Uint8Array() },
      { name: 'running.latent', input: new Uint8Array() },
    ]);
    await settle();
    page.cancel(cancelled!);
    await settle();
    expect(page.items.map(itemState)).toEqual(['done', 'stopped', 'running']);

    page.discard(page.items);
    await settle();
    expect(page.items).toEqual([]);
    page.notices.find(({ code }) => code === 'removed')!.action!.run();
    await settle();
    expect(page.items).toEqual([done, cancelled, running]);
    expect(currentRun(done!)).toBe(pictures);
    expect(page.items.map(itemState)).toEqual(['done', 'stopped', 'running']);
  });

  it('puts back what was removed one after the other, the last one first, where it stood', async () => {
    const names = ['a.latent', 'b.latent', 'c.latent', 'd.latent'];
    const items = page.add(names.map((name) => ({ name, input: new Uint8Array(), hints: { item: 0 } })));
    await settle();
    for (const index of [1, 0, 1]) page.discard([page.items[index]!]);
    expect(page.items).toEqual([items[2]]);
    const offers = () => page.notices.filter(({ code }) => code === 'removed');
    for (const [name, left] of [
      ['d', [2]],
      ['a', [2, 3]],
      ['b', [0, 2, 3]],
    ] as const) {
      expect(page.items).toEqual(left.map((index) => items[index]));
      expect(offers().map(({ message }) => message)).toEqual([`${name}.latent was removed.`]);
      offers()[0]!.action!.run();
    }
    expect(page.items).toEqual(items);
    expect(offers()).toEqual([]);
  });

  it('does not put back what was removed under an offer that the person has put away', async () => {
    const names = ['a.latent', 'b.latent'];
    const items = page.add(names.map((name) => ({ name, input: new Uint8Array(), hints: { item: 0 } })));
    await vi.waitFor(() => expect(items.map(itemState)).toEqual(['done', 'done']));
    page.discard([items[0]!]);
    page.dismiss(page.notices.find(({ code }) => code === 'removed')!);
    page.discard([items[1]!]);
    expect(items.map(({ runs }) => runs.size)).toEqual([0, 1]);
    const offer = page.notices.find(({ code }) => code === 'removed')!;
    expect(offer.message).toBe('b.latent was removed.');
    offer.action!.run();
    expect(page.items).toEqual([items[1]]);
    page.discard([items[1]!]);
    page.dismiss(page.notices.find(({ code }) => code === 'removed')!);
    page.undoRemoval();
    expect(page.items).toEqual([]);
  });

  it('frees the pictures of what was removed when the offer to undo is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const items = page.add([
        { name: 'a.latent', input: new Uint8Array(), hints: { item: 0 } },
        { name: 'b.latent', input: new Uint8Array(), hints: { item: 0 } },
      ]);
      await vi.waitFor(() => expect(items.map(itemState)).toEqual(['done', 'done']));
      page.discard([items[0]!]);
      expect(items[0]!.runs.size).toBe(1);
      vi.advanceTimersByTime(50_000);
      page.discard([items[1]!]);
      vi.advanceTimersByTime(9_000);
      expect(items.map(({ runs }) => runs.size)).toEqual([1, 1]);
      // Nothing goes under a person who is at it.
      page.notices[0]!.hold!(true);
      vi.advanceTimersByTime(600_000);
      page.notices[0]!.hold!(false);
      vi.advanceTimersByTime(59_000);
      expect(items.map(({ runs }) => runs.size)).toEqual([1, 1]);
      vi.advanceTimersByTime(1_000);
      expect(items.map(({ runs }) => runs.size)).toEqual([0, 0]);
      expect(page.notices).toEqual([]);

      // Each has a time of its own.
      const more = page.add([
        { name: 'c.latent', input: new Uint8Array(), hints: { item: 0 } },
        { name: 'd.latent', input: new Uint8Array(), hints: { item: 0 } },
      ]);
      await vi.waitFor(() => expect(more.map(itemState)).toEqual(['done', 'done']));
      page.discard([more[0]!]);
      vi.advanceTimersByTime(50_000);
      page.discard([more[1]!]);
      vi.advanceTimersByTime(10_000);
      expect(more.map(({ runs }) => runs.size)).toEqual([0, 1]);
      page.undoRemoval();
      expect(page.items).toEqual([more[1]]);
      expect(page.notices).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps the time of what was removed when the last one is put back under the pointer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const [a, b] = page.add([
        { name: 'a.latent', input: new Uint8Array(), hints: { item: 0 } },
        { name: 'b.latent', input: new Uint8Array(), hints: { item: 0 } },
      ]);
      await vi.waitFor(() => expect([a, b].map((item) => itemState(item!))).toEqual(['done', 'done']));
      page.discard([a!]);
      page.discard([b!]);
      const spoken: string[] = [];
      page.addEventListener('announce', (event) => spoken.push((event as CustomEvent<string>).detail));
      const offer = page.notices.find(({ code }) => code === 'removed')!;
      offer.hold!(true);
      offer.action!.run();
      offer.hold!(false);
      expect(spoken).toEqual(['b.latent was put back.']);
      expect(page.notices.map(({ message }) => message)).toContain('a.latent was removed.');
      vi.advanceTimersByTime(60_000);
      expect(a!.runs.size).toBe(0);
      expect(page.notices).toEqual([]);
      // A notice that was put away while somebody was at it holds nothing.
      page.discard([b!]);
      const last = page.notices[0]!;
      last.hold!(true);
      page.dismiss(last);
      vi.advanceTimersByTime(60_000);
      expect(b!.runs.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
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
    upscaler.removeModel = async () => {
      upscaler.models = async () => [];
    };
    await page.shelf.load();
    page.choose(item, 'left', { method: 'lua', lua: undefined, decoder: 'custom-decoder-1' });
    await settle();
    await page.shelf.remove('custom-decoder-1');
    expect(item.choices.left.decoder).toBeUndefined();
    expect(currentRun(item).left.state).toBe('idle');
    expect(currentRun(item).right.state).toBe('done');
  });
});
