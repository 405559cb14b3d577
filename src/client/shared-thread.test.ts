import 'fake-indexeddb/auto';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SerialQueue } from '../engine/device/serial-queue';
import { makeLatent, makeTestModels } from '../testing/engine/test-models';
import { createUpscaler } from './create-upscaler';
import type { CreateOptions } from './options/create-options';
import type { Upscaler } from './types';

/** An upscaler in the host's thread, with the host's onnxruntime, lock and store. */

const WISH = { scale: 2, method: 'lua', output: 'tensor' } as const;
const latent = makeLatent('sd15', 4, 4);

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
