/**
 * Keeps the page usable without a network: the shell beforehand, the wasm when it is first used. It does not keep
 * weights; they live in IndexedDB.
 */
import { addPolicy } from './add-policy';
import { CheckedFiles } from './checked-files';
import { findKept } from './find-kept';
import { takeShare } from './take-share';

declare const self: ServiceWorkerGlobalScope;

// The build puts the lists in: paths relative to this file, each with its sha256.
const SHELL = new CheckedFiles('__SHELL__' as unknown as Record<string, string>, address);
const LARGE = new CheckedFiles('__LARGE__' as unknown as Record<string, string>, address);
/** The page's content security policy. */
const POLICY = '__POLICY__';

/** One per version of the page: the build puts a hash over all kept files in. */
const SHELL_CACHE = 'latent-leap-shell-__VERSION__';
/** Shared by all versions: an update that leaves the wasm alone does not fetch it again. */
const LARGE_CACHE = 'latent-leap-large';
/**
 * Tells which weights there are, and the worker does not answer for those: the catalogue kept with the shell would
 * ask a newer server for files that have changed or gone.
 */
const CATALOG = 'models/catalog.json';
const CATALOG_VERSION = 1;
/** How long the network may take before the kept catalogue is used. */
const PATIENCE_MS = 5000;

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

/**
 * All or nothing: a shell with a hole, or with a file of another deployment, would break the page on every later
 * visit. When this fails the page stays with the version before, and the browser tries again on the next visit.
 */
async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL_CACHE);
  await Promise.all(SHELL.paths.map((path) => SHELL.keep(path, cache)));
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
  const wanted = new Set(LARGE.paths.map(address));
  for (const request of await large.keys()) if (!wanted.has(request.url)) await large.delete(request);
  await self.clients.claim();
}

/** @returns undefined for what the network alone answers: weights, and anything unknown. */
function choose(event: FetchEvent): Promise<Response> | undefined {
  const { request } = event;
  if (request.method === 'POST' && request.url === address('share')) return takeShare(request, address);
  if (request.method !== 'GET' || request.headers.has('range')) return undefined;
  const root = address('');
  const shell = findKept(request.url, root, SHELL.paths);
  if (shell === CATALOG) return answerFresh(shell, event);
  if (shell) return answerFrom(SHELL_CACHE, SHELL, shell, event);
  const large = findKept(request.url, root, LARGE.paths);
  return large ? answerFrom(LARGE_CACHE, LARGE, large, event) : undefined;
}

async function answerFrom(name: string, files: CheckedFiles, path: string, event: ExtendableEvent) {
  const answer = await files.answer(path, await caches.open(name), (work) => event.waitUntil(work));
  return addPolicy(path, answer, POLICY);
}

/** Not kept: without a network, the catalogue that came with the shell fits what the shell's version stored. */
async function answerFresh(path: string, event: ExtendableEvent): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(address(path), { cache: 'no-cache', signal });
    if (response.ok && (await isCatalog(response.clone()))) return response;
    await response.body?.cancel();
  } catch {
    // There is no network, or it is slow.
  }
  return answerFrom(SHELL_CACHE, SHELL, path, event);
}

/** A web page, garbage or nothing at all must not win over the catalogue that is kept. */
async function isCatalog(response: Response): Promise<boolean> {
  const { version, models }: { version?: unknown; models?: unknown } = await response.json();
  return version === CATALOG_VERSION && Array.isArray(models);
}

/** For a page that loaded the wasm before it was under control: fetched again, mostly from the HTTP cache. */
async function keepWasm(): Promise<void> {
  const build = 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
  const path = LARGE.paths.find((one) => one.includes(build));
  const cache = await caches.open(LARGE_CACHE);
  if (path && !(await LARGE.read(path, cache))) await LARGE.keep(path, cache);
}

/** Absolute address of a path of the page, wherever the page is hosted. */
function address(path: string): string {
  return new URL(path, self.registration.scope).href;
}
