import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** What `npm start` serves, with a page of two files. */

let folder: string;
let server: PreviewServer;
let address: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>the page</title>');
  await writeFile(join(folder, 'assets/here.js'), 'export {};');
  server = await preview({
    root: fileURLToPath(new URL('../../', import.meta.url)),
    logLevel: 'error',
    build: { outDir: folder },
    preview: { port: 0, open: false },
  });
  address = `http://localhost:${(server.httpServer.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

it.each(['/', '/index.html', '/assets/here.js'])('answers %s, which is there', async (path) => {
  expect((await fetch(address + path)).status).toBe(200);
});

it.each([
  '/assets/ort-wasm-gone.wasm',
  '/assets/gone.js',
  '/models/gone.safetensors',
  '/models/catalog.json',
  '/gone',
  '/deep/in/nothing/',
])('answers %s, which is missing, with 404 and without the page', async (path) => {
  for (const accept of ['*/*', 'text/html']) {
    const response = await fetch(address + path, { headers: { Accept: accept } });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('the page');
  }
});
