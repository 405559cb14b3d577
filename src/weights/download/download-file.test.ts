import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type HubServer, startHub } from '../../testing/weights/hub-server';
import { datedFetch, weakTagFetch, wholeAsRangeFetch } from '../../testing/weights/strange-fetch';
import { type DownloadOptions, downloadFile } from './download-file';

const PATH = '/model.safetensors';
const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) ^ (i >> 8));
/** Another version of the file. */
const OTHER = BYTES.map((byte) => byte ^ 1);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const WHOLE: DownloadOptions = { bytes: BYTES.length, sha256: SHA256 };

let hub: HubServer;

beforeEach(async () => {
  hub = await startHub();
  hub.put(PATH, BYTES);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await hub.close();
});

const download = (options: DownloadOptions = WHOLE) => downloadFile(hub.origin + PATH, options);
/** Vitest compares arrays of this length for seconds. */
const expectBytes = (bytes: Uint8Array) => expect(Buffer.compare(bytes, BYTES)).toBe(0);
const ranges = () => hub.requests(PATH).map(({ range }) => range);

test('gives the bytes and counts them', async () => {
  const seen: [number, number | undefined][] = [];
  const bytes = await download({ ...WHOLE, onProgress: (...progress) => seen.push(progress) });
  expectBytes(bytes);
  expect(seen.at(-1)).toEqual([BYTES.length, BYTES.length]);
  expect(seen.every(([loaded], i) => i === 0 || loaded > seen[i - 1]![0])).toBe(true);
  expect(hub.requests(PATH)).toHaveLength(1);
});

test('follows the redirect to a content address', async () => {
  hub.putBehindRedirect(PATH, BYTES);
  expectBytes(await download());
});

test('downloads a file of unknown size and hash', async () => {
  expectBytes(await download({}));
  await expect(download({ maxBytes: 1000 })).rejects.toMatchObject({ code: 'too-large' });
});

test('resumes where the connection broke, more than once', async () => {
  hub.fail(PATH, { kind: 'truncate', after: 100_000 }, { kind: 'truncate', after: 50_000 });
  expectBytes(await download());
  const [first, second, third] = hub.requests(PATH);
  expect(first).toMatchObject({ range: undefined, status: 200 });
  expect(second).toMatchObject({ range: 'bytes=100000-', ifRange: `"${SHA256}"`, status: 206 });
  expect(third).toMatchObject({ range: 'bytes=150000-', status: 206 });
});

test('starts again when a Range request is answered with the whole file', async () => {
  hub.fail(PATH, { kind: 'truncate', after: 100_000 }, { kind: 'ignore-range' });
  expectBytes(await download());
  expect(hub.requests(PATH).map(({ status }) => status)).toEqual([200, 200]);
});

test('asks for the rest only of the same version of the file', async () => {
  hub.fail(PATH, { kind: 'replaced', bytes: OTHER, after: 1000 });
  expectBytes(await download());
  expect(hub.requests(PATH).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('compares the ETag where If-Range would need a preflight', async () => {
  vi.stubGlobal('location', { origin: 'https://page.example' });
  hub.fail(PATH, { kind: 'replaced', bytes: OTHER, after: 1000 });
  expectBytes(await download());
  expect(hub.requests(PATH)).toMatchObject([
    { status: 200 },
    { status: 206, range: 'bytes=1000-', ifRange: undefined },
    { status: 200, range: undefined },
  ]);
});

test('goes on with a weak ETag, which If-Range must not have (RFC 9110, 13.1.5)', async () => {
  hub.fail(PATH, { kind: 'truncate', after: 100_000 });
  expectBytes(await download({ ...WHOLE, fetch: weakTagFetch() }));
  expect(hub.requests(PATH)).toMatchObject([
    { status: 200 },
    { status: 206, range: 'bytes=100000-', ifRange: undefined },
  ]);
});

test('starts again when only the hash tells that the parts do not belong together', async () => {
  hub.fail(PATH, { kind: 'replaced', bytes: OTHER, after: 1000 });
  const fetchHidden: typeof fetch = async (input, init) => {
    const { body, status, headers } = await fetch(input, init);
    const shown = new Headers(headers);
    shown.delete('ETag');
    return new Response(body, { status, headers: shown });
  };
  expectBytes(await download({ ...WHOLE, fetch: fetchHidden }));
  expect(ranges()).toEqual([undefined, 'bytes=1000-', undefined]);
});

test('compares the date where there is no ETag', async () => {
  hub.fail(PATH, { kind: 'replaced', bytes: OTHER, after: 1000 });
  // No hash would tell.
  expectBytes(await download({ fetch: datedFetch() }));
  expect(ranges()).toEqual([undefined, 'bytes=1000-', undefined]);
});

test.each([true, false])(
  'takes no other part of the file for the rest of it (length shown: %s)',
  async (showLength) => {
    hub.fail(PATH, { kind: 'truncate', after: 1000 });
    expectBytes(await download({ fetch: wholeAsRangeFetch({ showLength }) }));
  },
);

test('gives up on a server that sends a few bytes now and then', async () => {
  hub.failAlways(PATH, { kind: 'slow', chunk: 10, pause: 20 });
  const start = performance.now();
  await expect(download({ ...WHOLE, stallAfter: 150, retries: 1 })).rejects.toMatchObject({
    code: 'download-failed',
  });
  expect(performance.now() - start).toBeLessThan(5000);
});

test('gives up on a server that is never silent, but takes for ever', async () => {
  // 100 bytes each 40 ms are soon enough for the connection, but slower than 4 bytes a millisecond.
  hub.failAlways(PATH, { kind: 'slow', chunk: 100, pause: 40 });
  const attempt = download({ ...WHOLE, stallAfter: 60_000, slowAfter: 60 });
  await expect(attempt).rejects.toMatchObject({
    code: 'download-failed',
    detail: { bytes: expect.any(Number) },
  });
  expect(ranges()).toEqual([undefined]);
});

test('refuses sizes that no memory holds', async () => {
  await expect(download({ bytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({ code: 'too-large' });
});

test('continues after a connection on which nothing comes', async () => {
  hub.fail(PATH, { kind: 'stall', after: 120_000 });
  expectBytes(await download({ ...WHOLE, stallAfter: 150 }));
  expect(ranges()).toEqual([undefined, 'bytes=120000-']);
});

test('waits as long as a busy server asks', async () => {
  hub.fail(PATH, { kind: 'status', status: 429, retryAfter: '1' });
  const start = performance.now();
  expectBytes(await download());
  expect(performance.now() - start).toBeGreaterThan(990);
});

test('does not wait for a server that asks for minutes', async () => {
  hub.fail(PATH, { kind: 'status', status: 429, retryAfter: '600' });
  const attempt = download();
  await expect(attempt).rejects.toMatchObject({ code: 'download-failed', detail: { status: 429 } });
  await expect(attempt).rejects.toThrow(/wait for 600 s/);
});

test('gives up after a bounded number of failures', async () => {
  hub.failAlways(PATH, { kind: 'status', status: 503 });
  await expect(download({ ...WHOLE, retries: 2 })).rejects.toMatchObject({ code: 'download-failed' });
  expect(hub.requests(PATH)).toHaveLength(3);
});

test.each([
  ['a missing file', { kind: 'status', status: 404 }, /moved or deleted/],
  ['a gated file', { kind: 'status', status: 401 }, /permission/],
  ['a page in its place', { kind: 'page' }, /web page/],
] as const)('refuses %s at once', async (_, fault, message) => {
  hub.failAlways(PATH, fault);
  const attempt = download();
  await expect(attempt).rejects.toMatchObject({ code: 'download-failed' });
  await expect(attempt).rejects.toThrow(message);
  expect(hub.requests(PATH)).toHaveLength(1);
});

test('refuses a wrong hash, and a file that is longer or shorter', async () => {
  hub.fail(PATH, { kind: 'wrong-byte', at: 299_999 });
  await expect(download()).rejects.toMatchObject({ code: 'hash-mismatch', detail: { expected: SHA256 } });
  await expect(download({ bytes: BYTES.length - 1 })).rejects.toMatchObject({ code: 'hash-mismatch' });
  await expect(download({ bytes: BYTES.length + 1 })).rejects.toMatchObject({ code: 'hash-mismatch' });
  expect(hub.requests(PATH)).toHaveLength(3);
});

test('can be cancelled while bytes come, and while it waits', async () => {
  hub.fail(PATH, { kind: 'slow', chunk: 10_000, pause: 20 });
  const slow = new AbortController();
  await expect(
    download({ ...WHOLE, signal: slow.signal, onProgress: () => slow.abort() }),
  ).rejects.toMatchObject({ code: 'cancelled' });

  hub.fail(PATH, { kind: 'status', status: 429, retryAfter: '30' });
  const start = performance.now();
  await expect(download({ ...WHOLE, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(performance.now() - start).toBeLessThan(5000);
});

test('tells the server nothing about the page', async () => {
  let init: RequestInit | undefined;
  const watched: typeof fetch = (input, options) => {
    init = options;
    return fetch(input, options);
  };
  await download({ ...WHOLE, fetch: watched });
  expect(init).toMatchObject({ referrerPolicy: 'no-referrer' });
});
