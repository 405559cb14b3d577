import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { headersOf } from '../../scripts/page/security-headers';

/** The built page on a port of its own. */
export interface PageServer {
  url: string;
  /** Paths that were asked for, in order. */
  requests: string[];
  /** Makes the service worker differ from the one served so far, as a new version of the page would. */
  publishUpdate(): void;
  /** Puts a model of a later version into the catalogue. */
  addUnknownModel(): void;
  /** Gives a file of weights another name, in the catalogue too, as a new version with other weights would. */
  renameWeights(from: string, to: string): void;
  /** Answers these paths with a web page and status 200 until `mend`, as the sign-in page of a hotel's network does. */
  spoil(...paths: string[]): void;
  mend(): void;
  /** Ends all connections: from here on the page has no network. */
  close(): Promise<void>;
}

/** `PAGE_FOLDER` names another build than the usual one. */
export const PAGE_FOLDER =
  resolve(process.env.PAGE_FOLDER ?? fileURLToPath(new URL('../../dist/page', import.meta.url))) + sep;

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const SIGN_IN = '<!doctype html><title>Sign in</title><h1>Sign in to the network</h1>';

/** Serves dist/page with the headers that `npm start` sends, or, `bare`, as hosts do on which none can be set. */
export async function servePage({ bare = false } = {}): Promise<PageServer> {
  const requests: string[] = [];
  let updates = 0;
  let unknownModel = false;
  const spoiled = new Set<string>();
  let renamed: { from: string; to: string } | undefined;
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    requests.push(path);
    if (spoiled.has(path)) {
      return response.writeHead(200, { 'Content-Type': TYPES['.html'] }).end(SIGN_IN);
    }
    const named = renamed && path === `/models/${renamed.to}` ? `/models/${renamed.from}` : path;
    const gone = renamed && path === `/models/${renamed.from}`;
    const file = join(PAGE_FOLDER, normalize(named.endsWith('/') ? `${named}index.html` : named));
    const info = await stat(file).catch(() => undefined);
    for (const [name, value] of Object.entries(bare ? {} : headersOf(path))) response.setHeader(name, value);
    if (gone || !file.startsWith(PAGE_FOLDER) || !info?.isFile()) return response.writeHead(404).end();
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    if (path === '/service-worker.js') return response.end(`${await readFile(file)}\n// ${updates}`);
    if (unknownModel && path === '/models/catalog.json') {
      const catalog = JSON.parse(await readFile(file, 'utf8'));
      catalog.models.unshift({ ...catalog.models[0], id: 'later', architecture: 'of-a-later-version' });
      return response.end(JSON.stringify(catalog));
    }
    if (renamed && path === '/models/catalog.json') {
      return response.end((await readFile(file, 'utf8')).replaceAll(renamed.from, renamed.to));
    }
    response.writeHead(200, { 'Content-Length': info.size });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    requests,
    publishUpdate: () => updates++,
    addUnknownModel: () => {
      unknownModel = true;
    },
    renameWeights: (from, to) => {
      renamed = { from, to };
    },
    spoil: (...paths) => {
      for (const path of paths) spoiled.add(path);
    },
    mend: () => spoiled.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
