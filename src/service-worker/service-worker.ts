/**
 * Keeps the page usable without a network: the shell beforehand, the wasm when it is first used. Weights are not
 * its business; they live in IndexedDB.
 */
import { findKept } from './find-kept';

declare const self: ServiceWorkerGlobalScope;

// The build puts the lists in: paths relative to this file.
const SHELL = '__SHELL__' as unknown as readonly string[];
const LARGE = '__LARGE__' as unknown as readonly string[];

/** One per version of the page: the build puts a hash over all kept files in. */
const SHELL_CACHE = 'latent-leap-shell-__VERSION__';
/**
 * Tells which weights there are, and these go past this worker: the one kept with the shell would ask a newer server
 * for files that have changed or gone.
 */
const CATALOG = 'models/catalog.json';
/** How long the network may take before what was kept has to do. */
const PATIENCE_MS = 5000;

/** Shared by all versions: an update that leaves the wasm alone does not fetch it again. */
const LARGE_CACHE = 'latent-leap-large';

self.addEventListener('install', (event) => event.waitUntil(keepShell()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const answer = choose(event);
  if (answer) event.respondWith(answer);
});
self.addEventListener('message', (event) => {
  if (event.data === 'update-now') event.waitUntil(self.skipWaiting());
  if (event.data === 'keep-wasm') event.waitUntil(keepWasm());
});

/** All or nothing: a shell with a hole would break the page offline. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL_CACHE);
  await Promise.all(
    SHELL.map(async (path) => {
      // Past the HTTP cache, which may hold files of the version before.
      const response = await fetch(address(path), { cache: 'no-cache' });
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
      await cache.put(address(path), withoutRedirect(response));
    }),
  );
}

/** Hosts that send index.html on to the folder: a redirected answer would not be taken for a navigation. */
function withoutRedirect(response: Response): Response {
  if (!response.redirected) return response;
  const { status, statusText, headers } = response;
  return new Response(response.body, { status, statusText, headers });
}

/**
 * Drops what older versions kept, and takes the open page under control. An update waits until all pages of the
 * old version are closed, so no page loses the files that it may still ask for.
 */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('latent-leap-shell-') && name !== SHELL_CACHE) await caches.delete(name);
  }
  const large = await caches.open(LARGE_CACHE);
  const wanted = new Set(LARGE.map(address));
  for (const request of await large.keys()) if (!wanted.has(request.url)) await large.delete(request);
  await self.clients.claim();
}

/** @returns undefined for what the network alone answers: weights, and anything unknown. */
function choose(event: FetchEvent): Promise<Response> | undefined {
  const { request } = event;
  if (request.method !== 'GET' || request.headers.has('range')) return undefined;
  const root = address('');
  const shell = findKept(request.url, root, SHELL);
  if (shell === CATALOG) return answerFresh(shell);
  if (shell) return answerFromShell(shell);
  const large = findKept(request.url, root, LARGE);
  return large ? answerLarge(large, event) : undefined;
}

async function answerFromShell(path: string): Promise<Response> {
  const cache = await caches.open(SHELL_CACHE);
  return (await cache.match(address(path))) ?? fetch(address(path));
}

/** Not kept: without a network, the one that came with the shell fits what it stored. */
async function answerFresh(path: string): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(address(path), { cache: 'no-cache', signal });
    if (response.ok) return response;
  } catch {
    // No network, or a slow one.
  }
  return answerFromShell(path);
}

async function answerLarge(path: string, event: ExtendableEvent): Promise<Response> {
  const cache = await caches.open(LARGE_CACHE);
  const kept = await cache.match(address(path));
  if (kept) return kept;
  const response = await fetch(address(path));
  if (response.ok) {
    // A full store must not cost the page its answer.
    const stored = cache.put(address(path), response.clone());
    event.waitUntil(
      stored.catch((reason) => console.warn('The wasm could not be kept for offline use.', reason)),
    );
  }
  return response;
}

/** For a page that loaded the wasm before it was under control: fetched again, mostly from the HTTP cache. */
async function keepWasm(): Promise<void> {
  const build = 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
  const path = LARGE.find((one) => one.includes(build));
  const cache = await caches.open(LARGE_CACHE);
  if (path && !(await cache.match(address(path)))) await cache.add(address(path));
}

/** Absolute address of a path of the page, wherever the page is hosted. */
function address(path: string): string {
  return new URL(path, self.registration.scope).href;
}
