import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeapError } from '../../errors';
import { readSafetensorsHeader } from '../../formats';
import { digestOf } from '../../testing/digest-of';
import { rejectionOf } from '../../testing/error-of';
import {
  COMMIT,
  FILE,
  KEEP,
  makeVae,
  REPO,
  readBack,
  vaeFile,
  worstError,
} from '../../testing/weights/hub-checkpoint';
import type { HubServer } from '../../testing/weights/hub-server';
import {
  committedFetch,
  datedFetch,
  longRangeFetch,
  shiftedRangeFetch,
  wholeAsRangeFetch,
} from '../../testing/weights/strange-fetch';
import { startVaeHub, VAE, WANTED } from '../../testing/weights/vae-hub';
import { pickTensors } from '../checkpoint/pick-tensors';
import { createMemoryStore } from '../store/memory-store';
import { PartialDownload } from '../store/partial-download';
import type { CatalogFile, WeightsStore } from '../types';
import { type FetchHubOptions, fetchHubFile } from './fetch-hub-file';

/** Relative: half a unit in the last of 11 binary places. */
const HALF_ULP = 2 ** -11;

let hub: HubServer;
/** The content address that the hub redirects to. */
let content: string;

beforeEach(async () => {
  ({ hub, content } = await startVaeHub());
});
afterEach(() => hub.close());

const addressOf = (revision: string, repo = REPO) => `${hub.origin}/${repo}/resolve/${revision}/${FILE}`;
function get(revision = COMMIT, file: Partial<CatalogFile> = {}, options: FetchHubOptions = {}) {
  const path = addressOf(revision);
  return fetchHubFile(path, { path, bytes: VAE.length, keep: KEEP, ...file }, options);
}

test('fetches the header and the decoder, and stores them as halves', async () => {
  const seen: [number, number][] = [];
  const result = await get(COMMIT, {}, { onProgress: (...now) => seen.push(now) });
  expect([...readBack(result.bytes).keys()].toSorted()).toEqual(WANTED.map(({ name }) => name).toSorted());
  for (const { dtype } of readBack(result.bytes).values()) expect(dtype).toBe('F16');
  expect(worstError(result.bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
  expect(result).toMatchObject({ revision: COMMIT, fileBytes: VAE.length, digest: digestOf(result.bytes) });

  const stretches = pickTensors(readSafetensorsHeader(VAE, VAE.length), KEEP);
  const wantedBytes = stretches.reduce((sum, { begin, end }) => sum + end - begin, 0);
  expect(result.receivedBytes).toBeLessThanOrEqual(wantedBytes + 64 * 1024);
  expect(wantedBytes).toBeLessThan(VAE.length * 0.65);
  const requests = hub.requests(content);
  expect(requests).toHaveLength(1 + stretches.length);
  expect(requests.every(({ method, status, range }) => method === 'GET' && status === 206 && range)).toBe(
    true,
  );
  const [last] = seen.slice(-1);
  expect(last![0]).toBe(last![1]);
  expect(seen.map(([loaded]) => loaded)).toEqual(seen.map(([loaded]) => loaded).toSorted((a, b) => a - b));
});

test('asks for the commit of a branch, and reads all parts of that', async () => {
  const { revision } = await get('main', { bytes: 0 });
  expect(revision).toBe(COMMIT);
  expect(hub.requests(`/${REPO}/resolve/main/${FILE}`)).toEqual([]);
  expect(hub.requests(`/${REPO}/resolve/${COMMIT}/${FILE}`).length).toBeGreaterThan(0);
});

test('reads by the name of the branch where the description that the hub sends never ends', async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 2 ** 20;
      controller.enqueue(new Uint8Array(2 ** 20).fill(0x20));
    },
  });
  const talkative: typeof fetch = async (input, init) =>
    String(input).includes('/api/') ? new Response(endless) : fetch(input, init);
  const { bytes } = await get('main', { bytes: 0 }, { fetch: talkative });
  expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
  expect(sent).toBeLessThan(2 ** 24);
});

test('reads by the name of the branch where the hub does not say which commit it is at', async () => {
  hub.failAlways(`/api/models/${REPO}/revision/main`, { kind: 'status', status: 404 });
  const { revision, fileBytes } = await get('main', { bytes: 0 });
  // In Node the headers of the redirect are not seen either.
  expect([revision, fileBytes]).toEqual([undefined, VAE.length]);
});

describe('goes on', () => {
  test('after a connection that broke, with the rest', async () => {
    hub.fail(content, { kind: 'slow', chunk: 1 << 16, pause: 0 }, { kind: 'truncate', after: 150_000 });
    const { bytes, receivedBytes } = await get();
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(receivedBytes).toBeLessThan(VAE.length * 0.7);
    const starts = hub.requests(content).map(({ range }) => Number(/=(\d+)/.exec(range!)![1]));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  test('after a server that was busy, as long as it asks', async () => {
    hub.fail(content, { kind: 'status', status: 429, retryAfter: '1' }, { kind: 'status', status: 503 });
    const start = performance.now();
    const { bytes } = await get();
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(performance.now() - start).toBeGreaterThan(1000);
  });

  test('with servers that send the whole file whatever is asked for, in one connection', async () => {
    hub.failAlways(content, { kind: 'ignore-range' });
    const { bytes } = await get();
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(hub.requests(content)).toMatchObject([{ status: 200 }]);
  });

  test('after a connection on which nothing comes', async () => {
    hub.fail(content, { kind: 'stall', after: 10_000 }, { kind: 'slow', chunk: 1 << 16, pause: 0 });
    hub.fail(content, { kind: 'stall', after: 300_000 });
    const { bytes } = await get(COMMIT, {}, { stallAfter: 200 });
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(hub.requests(content).length).toBeGreaterThan(3);
  });

  test('without ranges where those are never answered', async () => {
    hub.failAlways(content, { kind: 'refuse-range' });
    const { bytes } = await get();
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(hub.requests(content).map(({ range }) => range !== undefined)).toEqual([true, true, false]);
  });

  test('with servers that do not say how long a file is', async () => {
    const stream = async () =>
      new Response(new Blob([new Uint8Array(VAE)]).stream(), { headers: { 'Content-Type': 'x/y' } });
    const { bytes, fileBytes } = await get(COMMIT, { bytes: 0 }, { fetch: stream });
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(fileBytes).toBe(VAE.length);
  });

  test('from the beginning, once, when the file changes between two parts', async () => {
    const other = vaeFile(makeVae({ seed: ' of another version' }));
    hub.fail(
      content,
      { kind: 'slow', chunk: 1 << 16, pause: 0 },
      { kind: 'replaced', bytes: other, after: 10_000 },
    );
    const { bytes } = await get();
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
  });

  test.each([
    ['date', datedFetch],
    ['commit', committedFetch],
  ])('from the beginning when only the %s tells that the file changed', async (_, makeFetch) => {
    const other = vaeFile(makeVae({ seed: ' of another version' }));
    hub.fail(content, { kind: 'replaced', bytes: other, after: other.length });
    const { bytes } = await get(COMMIT, {}, { fetch: makeFetch() });
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
  });

  test('from the beginning when a range is another part of the file, as its Content-Range says', async () => {
    const { bytes } = await get(COMMIT, {}, { fetch: shiftedRangeFetch() });
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    // Its header is asked for twice.
    const starts = hub.requests(content).map(({ range }) => /=(\d+)/.exec(range!)![1]);
    expect(starts.filter((start) => start === '0')).toHaveLength(2);
  });

  test.each([true, false])(
    'from the whole file where ranges are other parts of it (length shown: %s)',
    async (showLength) => {
      const { bytes } = await get(COMMIT, {}, { fetch: wholeAsRangeFetch({ showLength }) });
      expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    },
  );

  test('from the whole file where a range is longer than its own Content-Range says', async () => {
    const { bytes } = await get(COMMIT, {}, { fetch: longRangeFetch() });
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(hub.requests(content).at(-1)!.range).toBeUndefined();
  });

  test('on the next visit where this one ended', async () => {
    const store = createMemoryStore();
    const partial = () => new PartialDownload(store, 'a'.repeat(64), 100_000);
    hub.fail(
      content,
      { kind: 'slow', chunk: 1 << 16, pause: 0 },
      { kind: 'slow', chunk: 1 << 16, pause: 30 },
    );
    const leave = new AbortController();
    let seen = 0;
    const first = get(
      COMMIT,
      {},
      {
        signal: leave.signal,
        partial: partial(),
        onProgress: (loaded, total) => {
          seen = loaded / total;
          if (seen > 0.6) leave.abort();
        },
      },
    );
    expect((await rejectionOf(first)).code).toBe('cancelled');

    const loaded: number[] = [];
    const { bytes, receivedBytes } = await get(
      COMMIT,
      {},
      {
        partial: partial(),
        onProgress: (now, total) => loaded.push(now / total),
      },
    );
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(HALF_ULP);
    expect(receivedBytes).toBeLessThan(VAE.length * 0.45);
    expect(loaded[0]).toBeGreaterThan(0.3);

    // A part that is not as it was stored is fetched again.
    await damageOnePart(store);
    expect(worstError((await get(COMMIT, {}, { partial: partial() })).bytes, WANTED)).toBeLessThan(1e-3);
    await partial().drop();
    expect((await store.sizes()).size).toBe(0);
  });
});

async function damageOnePart(store: WeightsStore): Promise<void> {
  const key = [...(await store.sizes()).keys()].find((name) => /-\d+$/.test(name))!;
  const bytes = (await store.get(key))!.slice();
  bytes[bytes.length - 1]! ^= 0xff;
  await store.set(key, bytes);
}

describe('refuses', () => {
  test('what is gated, and says what to do', async () => {
    hub.putModel({ repo: REPO, path: FILE, bytes: VAE, commit: COMMIT, gated: true });
    const { code, message, detail } = await rejectionOf(get());
    expect([code, detail.page]).toEqual(['gated', `${hub.origin}/${REPO}`]);
    expect(message).toMatch(/accept.*drop it here/);
  });

  test('what was moved, at once', async () => {
    const gone = { path: addressOf(COMMIT, 'someone/gone'), bytes: 0, keep: KEEP };
    const error = await rejectionOf(fetchHubFile(gone.path, gone, {}));
    expect(error.code).toBe('download-failed');
    expect(error.message).toMatch(/not there.*moved/);
    const missing = addressOf(COMMIT).replace(FILE, 'other.safetensors');
    expect((await rejectionOf(fetchHubFile(missing, { ...gone, path: missing }, {}))).detail.status).toBe(
      404,
    );
    expect(hub.requests(new URL(missing).pathname)).toHaveLength(1);
  });

  test('a web page, a file of another size, another hash', async () => {
    hub.fail(content, { kind: 'page' });
    expect((await rejectionOf(get())).code).toBe('download-failed');
    expect((await rejectionOf(get(COMMIT, { bytes: VAE.length + 1 }))).code).toBe('hash-mismatch');
    // The hub's own listing tells before anything is fetched.
    hub.forgetRequests();
    expect((await rejectionOf(get('main', { sha256: 'f'.repeat(64) }))).code).toBe('hash-mismatch');
    expect(hub.requests(content)).toEqual([]);
  });

  test('small files whose hash is wrong, although only parts are needed', async () => {
    hub.failAlways(content, { kind: 'wrong-byte', at: VAE.length - 1 });
    const wrong = await rejectionOf(get(COMMIT, { sha256: digestOf(VAE) }));
    expect(wrong.code).toBe('hash-mismatch');
  });

  test('what keeps changing, is always cut, or hangs', async () => {
    // More than any number of connections that it may open before it gives up.
    const versions = Array.from({ length: 24 }, (_, i) => vaeFile(makeVae({ seed: ` version ${i}` })));
    hub.fail(
      content,
      ...versions.map((bytes) => ({ kind: 'replaced' as const, bytes, after: bytes.length })),
    );
    const changing = await rejectionOf(get());
    expect([changing.code, changing.message]).toEqual([
      'download-failed',
      expect.stringContaining('keeps changing'),
    ]);
  });

  test('what is not the network that the catalogue names, before it is fetched', async () => {
    const check = () => {
      throw new LeapError('bad-weights', 'another');
    };
    expect((await rejectionOf(get(COMMIT, {}, { check }))).code).toBe('bad-weights');
    expect(hub.requests(content)).toHaveLength(1);
  });

  test('nonsense in the place of a header', async () => {
    const bytes = new Uint8Array(300_000).fill(0x7b);
    const address = hub.putModel({ repo: REPO, path: FILE, bytes, commit: COMMIT });
    expect((await rejectionOf(get(COMMIT, { bytes: 0 }))).code).toBe('unknown-format');
    expect(hub.requests(address)).toHaveLength(1);
  });
});

test('gives up after a bounded number of failures', async () => {
  hub.failAlways(content, { kind: 'status', status: 500 });
  const error = await rejectionOf(get());
  expect([error.code, error.detail.status]).toEqual(['download-failed', 500]);
  expect(hub.requests(content)).toHaveLength(5);
}, 20_000);

test('stops at once when it is cancelled', async () => {
  hub.failAlways(content, { kind: 'slow', chunk: 4096, pause: 20 });
  const error = await rejectionOf(get(COMMIT, {}, { signal: AbortSignal.timeout(100) }));
  expect(error.code).toBe('cancelled');
});
