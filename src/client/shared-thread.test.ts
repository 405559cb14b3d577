import 'fake-indexeddb/auto';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineEncodeOptions } from '../engine/api';
import { SerialQueue } from '../engine/device/serial-queue';
import type { Notice } from '../engine/types';
import { throwIfAborted } from '../errors';
import type { ReadHints } from '../latent/types';
import { makeLatent, makeTestModels } from '../testing/engine/test-models';
import { createUpscaler } from './create-upscaler';
import type { CreateOptions } from './options/create-options';
import type { Upscaler } from './types';

/** An upscaler in the host's thread, with the host's onnxruntime, lock and store. */

const WISH = { scale: 2, method: 'lua', output: 'tensor' } as const;
const latent = makeLatent('sd15', 4, 4);

let encoding: 'runs' | 'stopped' | undefined;

vi.mock('../worker/input/encode-input', () => ({
  encodeInput: async (
    _engine: unknown,
    _catalog: unknown,
    _picture: unknown,
    _hints: unknown,
    { signal, onProgress }: Pick<EngineEncodeOptions, 'signal' | 'onProgress'>,
  ) => {
    encoding = 'runs';
    onProgress?.({ phase: 'encode', done: 0, total: 2, message: '' });
    if (signal?.aborted) encoding = 'stopped';
    throwIfAborted(signal);
    return makeLatent('sd15', 1, 1);
  },
}));

type Session = { run(...args: unknown[]): Promise<unknown>; release(): Promise<void> };

let opened: Upscaler[];

beforeEach(() => {
  opened = [];
  const { catalog, files } = makeTestModels(['sd15']);
  vi.stubGlobal('fetch', async (url: string | URL | Request) => {
    const name = new URL(url instanceof Request ? url.url : url).pathname.split('/').at(-1)!;
    return new Response(name === 'catalog.json' ? JSON.stringify(catalog) : (files.get(name) as BodyInit));
  });
});

afterEach(async () => {
  await Promise.all(opened.map((upscaler) => upscaler.close()));
  vi.unstubAllGlobals();
});

async function open(options: Partial<CreateOptions>): Promise<Upscaler> {
  const upscaler = await createUpscaler({
    models: 'https://example.org/models/',
    thread: 'this',
    ort: ort as unknown as NonNullable<CreateOptions['ort']>,
    ...options,
  });
  opened.push(upscaler);
  return upscaler;
}

/** onnxruntime that tells of every call, and of the sessions that are alive. */
function watchOrt(onCall: (name: string) => void) {
  const alive = new Set<Session>();
  const create = async (...args: unknown[]): Promise<Session> => {
    onCall('create');
    const session = (await ort.InferenceSession.create(...(args as [Uint8Array]))) as unknown as Session;
    const watched: Session = Object.assign(Object.create(session), {
      run: (...feeds: unknown[]) => {
        onCall('run');
        return session.run(...feeds);
      },
      release: () => {
        onCall('release');
        alive.delete(watched);
        return session.release();
      },
    });
    alive.add(watched);
    return watched;
  };
  const watched = { ...ort, InferenceSession: { create } } as unknown as NonNullable<CreateOptions['ort']>;
  return { alive, ort: watched };
}

test('every call of onnxruntime is made while the lock of the host is held', async () => {
  const queue = new SerialQueue();
  let held = false;
  const calls = new Map<string, boolean[]>();
  const watched = watchOrt((name) => calls.set(name, [...(calls.get(name) ?? []), held]));
  const upscaler = await open({
    ort: watched.ort,
    runExclusive: (work) =>
      queue.run(async () => {
        held = true;
        try {
          return await work();
        } finally {
          held = false;
        }
      }),
  });
  await upscaler.upscale(latent, WISH);
  await upscaler.release();
  expect([...calls.keys()].toSorted()).toEqual(['create', 'release', 'run']);
  expect([...calls.values()].flat()).not.toContain(false);
});

test('release() frees every session, and the next job gives the same picture', async () => {
  const watched = watchOrt(() => {});
  const upscaler = await open({ ort: watched.ort });
  const first = await upscaler.upscale(latent, WISH);
  expect(watched.alive.size).toBeGreaterThan(0);
  await upscaler.release();
  expect(watched.alive.size).toBe(0);
  const second = await upscaler.upscale(latent, WISH);
  expect(second.tensor.data).toEqual(first.tensor.data);
});

test('close() stops the job at hand, which has no signal of its own', async () => {
  let runs = 0;
  let closing: Promise<void> | undefined;
  const upscaler = await open({
    ort: watchOrt((name) => {
      if (name === 'run') runs++;
      // By its third tile.
      if (runs === 3) closing ??= upscaler.close();
    }).ort,
  });
  const job = upscaler.upscale(makeLatent('sd15', 32, 32), { ...WISH, tile: 16 });
  await expect(job).rejects.toMatchObject({ code: 'closed' });
  await closing;
  expect(runs).toBe(3);
});

test('run() of a picture reports while it encodes, and stops with its signal', async () => {
  const controller = new AbortController();
  const seen: string[] = [];
  const upscaler = await open({});
  const pixels = { width: 8, height: 8, data: new Uint8ClampedArray(256), [Symbol.toStringTag]: 'ImageData' };
  const job = upscaler.run(
    pixels as unknown as ImageData,
    { family: 'sd15' },
    {
      ...WISH,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        seen.push(phase);
        controller.abort();
      },
    },
  );
  await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  expect(seen).toEqual(['encode']);
  await expect.poll(() => encoding).toBe('stopped');
});

test('run() tells what is doubtful of the latent that it takes', async () => {
  const notices: Notice[] = [];
  const upscaler = await open({ onNotice: (notice) => notices.push(notice) });
  const told = async (data: Float32Array, items: number, hints: ReadHints) => {
    notices.length = 0;
    await upscaler.run({ data, dims: [items, 4, 16, 16] }, { family: 'sd15', ...hints }, WISH);
    return notices.map(({ code }) => code);
  };
  const { data } = makeLatent('sd15', 16, 16);
  const two = new Float32Array([...data, ...data]);
  expect(await told(data, 1, { space: 'model' })).toEqual([]);
  expect(await told(two, 2, { space: 'model' })).toEqual(['batch']);
  expect(await told(two, 2, { space: 'model', item: 1 })).toEqual([]);
  // As the denoiser gives them, but taken for what the decoder takes.
  expect(await told(data, 1, { space: 'decoder' })).toEqual(['doubtful-space']);
  expect(notices[0]!.message).toMatch(/standard deviation of .*, which is more like the other space/);
  expect(await told(new Float32Array(data.length), 1, { space: 'decoder' })).toEqual(['doubtful-values']);
});

test('warmUp() fetches and compiles ahead: such a job makes no session of its own', async () => {
  let made = 0;
  const watched = watchOrt((name) => {
    if (name === 'create') made++;
  });
  const upscaler = await open({ ort: watched.ort });
  await upscaler.warmUp({ family: 'sd15', width: 32, height: 32, scale: 2 });
  expect(made).toBeGreaterThan(0);
  made = 0;
  const { tensor } = await upscaler.upscale(latent, WISH);
  expect(made).toBe(0);
  expect(tensor.dims).toEqual([1, 3, 64, 64]);
});

test('stores of two names are apart: clearing one leaves the other', async () => {
  const [a, b] = [await open({ store: { name: 'a' } }), await open({ store: { name: 'b' } })];
  const stored = async (upscaler: Upscaler) =>
    (await upscaler.models()).filter((model) => model.complete).length;
  const { id } = (await a.models())[0]!;
  await a.fetchModel(id);
  expect([(await stored(a)) > 0, await stored(b)]).toEqual([true, 0]);
  await b.fetchModel(id);
  const both = await stored(b);
  await a.clearCache();
  expect([await stored(a), await stored(b)]).toEqual([0, both]);
});

test('a model is kept while the browser still asks the person whether the data may stay', async () => {
  const persist = vi.fn(() => new Promise<boolean>(() => {}));
  vi.stubGlobal('navigator', { storage: { persist } });
  const upscaler = await open({});
  expect(await upscaler.pinModel('decoder-test-sd15', true)).toMatchObject({ pinned: true, complete: true });
  expect(persist).toHaveBeenCalledOnce();
});
