import 'fake-indexeddb/auto';
import { createStore, keys, set } from 'idb-keyval';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Latent } from '../../client';
import { LeapError } from '../../errors';
import { createItem, type Item, type Outcome } from '../state/item';
import { KeptWork } from './kept-work';

const tabs = new Map<string, string>();

beforeEach(() => {
  tabs.clear();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => tabs.get(key) ?? null,
    setItem: (key: string, value: string) => tabs.set(key, value),
  });
  vi.stubGlobal('navigator', { storage: { estimate: async () => ({ usage: 0, quota: 400 }) } });
});

/** fake-indexeddb clones a Blob to a plain object: sizes tell the files apart. */
function item(name: string, bytes: number, change: Partial<Item> = {}): Item {
  return { ...createItem(name, new Blob([new Uint8Array(bytes)]), {}, 2), ...change };
}

/** An entry whose left picture is there. */
function finished(name: string, bytes: number): Item {
  const one = item(name, 10);
  const png = new Blob([new Uint8Array(bytes)], { type: 'image/png' });
  const latent = { data: new Float32Array(1), provenance: {} } as Latent;
  one.latent = latent;
  one.reading = false;
  const canvas = { width: 4, height: 4 };
  const outcome = {
    canvas,
    png,
    latent,
    source: latent,
    report: { scale: 2 },
    choice: one.choices.left,
  } as Outcome;
  const left = { state: 'done', outcome, problem: undefined } as const;
  one.runs.set(2, { left, right: { state: 'idle' } });
  return one;
}

const names = async (work: KeptWork) => (await work.load()).map(({ name }) => name);

it('gives the same tab its queue back, with what was chosen, and no other tab', async () => {
  await new KeptWork().save([item('a', 1, { scale: 4, hints: { family: 'sdxl' } }), item('b', 1)]);
  const [first, second] = await new KeptWork().load();
  expect(first).toMatchObject({ name: 'a', scale: 4, hints: { family: 'sdxl' }, choices: undefined });
  expect(second?.name).toBe('b');
  tabs.clear();
  expect(await names(new KeptWork())).toEqual([]);
});

it('forgets what was removed, and everything with the last entry', async () => {
  const work = new KeptWork();
  const [a, b] = [item('a', 1), item('b', 1)];
  await work.save([a, b]);
  await work.save([b]);
  expect(await names(new KeptWork())).toEqual(['b']);
  await work.save([]);
  expect(await names(new KeptWork())).toEqual([]);
});

it('keeps no more than a quarter of the room, and counts the file of a batch once', async () => {
  const shared = new Blob([new Uint8Array(90)]);
  await new KeptWork().save([
    item('1 of 2', 0, { input: shared }),
    item('2 of 2', 0, { input: shared }),
    item('too much', 20),
  ]);
  expect(await names(new KeptWork())).toEqual(['1 of 2', '2 of 2']);
});

it('keeps finished pictures as far as there is room, after the files', async () => {
  const work = new KeptWork();
  const [small, large] = [finished('small', 30), finished('large', 60)];
  await work.save([small, large]);
  const results = async () => (await new KeptWork().load()).map((one) => one.results.map(({ side }) => side));
  expect(await results()).toEqual([['left'], []]);
  // The room of what was removed is free again.
  await work.save([large]);
  expect(await results()).toEqual([['left']]);
});

it('keeps no picture of another reading of the file, which a reload would show as that of this one', async () => {
  const results = async () => (await new KeptWork().load()).map((one) => one.results.length);
  const again = finished('being read anew', 20);
  again.reading = true;
  const other = finished('read as something else', 20);
  other.latent = { ...other.latent! };
  await new KeptWork().save([again, other]);
  expect(await results()).toEqual([0, 0]);
});

it('counts what is kept already as room, and not twice', async () => {
  const estimate = vi.fn(async () => ({ usage: 0, quota: 400 }));
  vi.stubGlobal('navigator', { storage: { estimate } });
  const work = new KeptWork();
  const one = item('a', 90);
  await work.save([one]);
  // The browser counts it as used now.
  estimate.mockResolvedValue({ usage: 90, quota: 400 });
  await work.save([one]);
  expect(await names(new KeptWork())).toEqual(['a']);
});

it('forgets the old work of closed tabs, and files without a record, but nothing of an open tab', async () => {
  const held: { name: string }[] = [];
  const locks = {
    request: async (name: string, _options: unknown, hold: () => Promise<never>) => {
      held.push({ name });
      return hold();
    },
    query: async () => ({ held }),
  };
  vi.stubGlobal('navigator', {
    locks,
    storage: { estimate: async () => ({ usage: 0, quota: 400 }) },
  });
  const store = createStore('latent-leap-work', 'queues');
  vi.useFakeTimers({ toFake: ['Date'] });
  await new KeptWork().save([item('open', 1)]);
  const [openTab] = [...tabs.values()];
  tabs.clear();
  await new KeptWork().save([item('closed', 1)]);
  const closedTab = [...tabs.values()][0]!;
  held.pop();
  await set('gone/file', new Blob(['x']), store);
  vi.setSystemTime(Date.now() + 8 * 24 * 3600 * 1000);
  tabs.clear();
  await new KeptWork().load();
  vi.useRealTimers();
  const left = new Set((await keys<string>(store)).map((key) => key.split('/')[0]));
  expect(left).toContain(openTab);
  expect(left).not.toContain(closedTab);
  expect(left).not.toContain('gone');
});

it('keeps what is still on offer, with its pictures, beside the new files', async () => {
  const work = new KeptWork();
  const old = finished('old', 20);
  await work.save([old]);
  const again = new KeptWork();
  const offered = await again.load();
  await again.save([item('new', 5)], offered);
  const both = await new KeptWork().load();
  expect(both.map(({ name, results }) => [name, results.length])).toEqual([
    ['old', 1],
    ['new', 0],
  ]);
  // Declined, it is forgotten.
  await again.save([item('new', 5)]);
  expect(await names(new KeptWork())).toEqual(['new']);
});

it('keeps neither models nor what could not be read', async () => {
  const error = new LeapError('unknown-format', 'This is not a latent.');
  await new KeptWork().save([
    item('model', 1, { checkpoint: [] }),
    item('failed', 1, { error }),
    item('being read', 1),
  ]);
  expect(await names(new KeptWork())).toEqual(['being read']);
});

it('does not keep a tensor that came from code', async () => {
  await new KeptWork().save([
    { ...item('tensor', 0), input: { data: new Float32Array(4), dims: [4, 1, 1] } },
  ]);
  expect(await names(new KeptWork())).toEqual([]);
});
