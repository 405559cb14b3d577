import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchWasm } from './fetch-wasm';

const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const ADDRESS = 'https://a.example/ort.wasm.gz';

function answer(body: Uint8Array, status = 200): void {
  vi.stubGlobal('fetch', async () => new Response(body as BodyInit, { status }));
}

afterEach(() => vi.unstubAllGlobals());

describe('fetchWasm', () => {
  it('unpacks what comes packed', async () => {
    answer(gzipSync(WASM));
    expect(new Uint8Array(await fetchWasm(ADDRESS))).toEqual(WASM);
  });

  it('takes what the browser has unpacked already', async () => {
    answer(WASM);
    expect(new Uint8Array(await fetchWasm(ADDRESS))).toEqual(WASM);
  });

  it.each([
    ['a missing file', () => answer(WASM, 404)],
    ['a web page in its place', () => answer(new TextEncoder().encode('<!doctype html><title>App</title>'))],
    ['an empty file', () => answer(new Uint8Array(0))],
    ['a file that is cut off', () => answer(gzipSync(WASM).subarray(0, 12))],
  ])('names the file that could not be fetched: %s', async (_, act) => {
    act();
    await expect(fetchWasm(ADDRESS)).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining(ADDRESS),
    });
  });
});
