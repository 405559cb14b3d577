import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong with one answer. */
export type ServerFault =
  /** Announces the whole body, sends `after` bytes of it, and cuts the connection. */
  | { kind: 'truncate'; after: number }
  /** Sends `after` bytes and then nothing, with the connection open. */
  | { kind: 'stall'; after: number }
  /** Answers a Range request with the whole file. */
  | { kind: 'ignore-range' }
  /** An error status with a page for people, as hubs send it. */
  | { kind: 'status'; status: number; retryAfter?: string }
  /** A web page with status 200, which single-page servers send for every address. */
  | { kind: 'page' }
  /** Sends one wrong byte. */
  | { kind: 'wrong-byte'; at: number }
  /** Sends another version of the file, with an ETag of its own, and cuts the connection after `after` bytes. */
  | { kind: 'replaced'; bytes: Uint8Array; after: number }
  /** Cuts the connection when a range is asked for. */
  | { kind: 'refuse-range' }
  /** Exposes no headers to other origins. */
  | { kind: 'hide-headers' }
  /** Sends `chunk` bytes at a time, with a pause in milliseconds after each. */
  | { kind: 'slow'; chunk: number; pause: number };

export interface HubRequest {
  method: string;
  range: string | undefined;
  ifRange: string | undefined;
  referer: string | undefined;
  status: number;
}

/** A file in a repository, as hubs have them. */
export interface HubModel {
  /** `owner/name` */
  repo: string;
  path: string;
  bytes: Uint8Array;
  /** The commit of the branch `main`: 40 hexadecimal digits. */
  commit: string;
  /** Asks for consent: 401, with a page for people. */
  gated?: boolean;
}

/** A server on this machine that behaves like a model hub, and fails on request. */
export interface HubServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  /** Serves `bytes` at `path`. */
  put(path: string, bytes: Uint8Array, contentType?: string): void;
  /**
   * Answers `path` with a redirect to a content address, as hubs do for large files.
   * @returns the path of that address
   */
  putBehindRedirect(path: string, bytes: Uint8Array): string;
  /**
   * A file of a repository, at `/OWNER/NAME/resolve/REVISION/PATH` for the commit and for `main`: redirected to a
   * content address at another origin. `/api/models/...` tells what `main` is.
   * @returns the path of the content address
   */
  putModel(model: HubModel): string;
  /** The next requests to `path` fail in this order; later ones are answered normally. */
  fail(path: string, ...faults: ServerFault[]): void;
  /** Every request to `path` fails. */
  failAlways(path: string, fault: ServerFault): void;
  /** What was asked for at `path`, oldest first; a browser's preflights are requests too, of method OPTIONS. */
  requests(path: string): HubRequest[];
  forgetRequests(): void;
  close(): Promise<void>;
}

interface HubFile {
  bytes: Uint8Array;
  contentType: string;
  /** Where it really is. */
  redirect?: string;
  headers?: Record<string, string>;
  /** Instead of the file: an error with a page for people. */
  status?: number;
}

/** Milliseconds between the last byte and the cut of a connection. */
const BEFORE_CUT = 50;

const EXPOSED = 'ETag, Content-Range, Content-Length, Accept-Ranges, X-Repo-Commit, X-Error-Code';

const ERROR_PAGE =
  '<!doctype html><title>404</title><h1>Sorry, we can’t find the page you are looking for.</h1>';

export async function startHub(): Promise<HubServer> {
  const files = new Map<string, HubFile>();
  const faults = new Map<string, ServerFault[]>();
  const always = new Map<string, ServerFault>();
  const log = new Map<string, HubRequest[]>();

  const handle: RequestListener = (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const fault = request.method === 'OPTIONS' ? undefined : (faults.get(path)?.shift() ?? always.get(path));
    allowOtherOrigins(response, fault?.kind === 'hide-headers');
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else {
      const file = files.get(path) ?? missing(path, files);
      answer(request, response, file, fault).catch(() => response.destroy());
    }
    const { range, 'if-range': ifRange, referer } = request.headers;
    const entry = { method: request.method ?? '', range, ifRange: ifRange?.toString(), referer };
    log.set(path, [...(log.get(path) ?? []), { ...entry, status: response.statusCode }]);
  };
  // Large files come from another origin than the hub itself.
  const [server, content] = [createServer(handle), createServer(handle)];
  const [origin, contentOrigin] = await Promise.all([listen(server), listen(content)]);

  const put: HubServer['put'] = (path, bytes, contentType = 'application/octet-stream') =>
    void files.set(path, { bytes, contentType });
  return {
    origin,
    put,
    putModel(model) {
      const address = `/cdn/${hash(model.bytes)}`;
      put(address, model.bytes);
      for (const [path, file] of describeModel(model, `${contentOrigin}${address}`)) files.set(path, file);
      return address;
    },
    putBehindRedirect(path, bytes) {
      const address = `/cdn/${hash(bytes)}`;
      put(address, bytes);
      files.set(path, { bytes: new Uint8Array(), contentType: 'text/plain', redirect: address });
      return address;
    },
    fail: (path, ...next) => void faults.set(path, [...(faults.get(path) ?? []), ...next]),
    failAlways: (path, fault) => void always.set(path, fault),
    requests: (path) => log.get(path) ?? [],
    forgetRequests: () => log.clear(),
    close: async () => void (await Promise.all([close(server), close(content)])),
  };
}

/** What a hub answers about one file: its two addresses, and the state of the branch. */
function describeModel(
  { repo, path, bytes, commit, gated = false }: HubModel,
  redirect: string,
): [string, HubFile][] {
  const digest = hash(bytes);
  const headers = {
    'X-Repo-Commit': commit,
    'X-Linked-Size': `${bytes.length}`,
    'X-Linked-ETag': `"${digest}"`,
  };
  const nothing = { bytes: new Uint8Array(), contentType: 'text/plain' };
  const file: HubFile = gated
    ? { ...nothing, status: 401, headers: { 'X-Error-Code': 'GatedRepo' } }
    : { ...nothing, redirect, headers };
  const siblings = [
    { rfilename: 'README.md', size: 10 },
    { rfilename: path, size: bytes.length, lfs: { sha256: digest, size: bytes.length } },
  ];
  const state = new TextEncoder().encode(JSON.stringify({ id: repo, sha: commit, gated, siblings }));
  return [
    ...['main', commit].map((name): [string, HubFile] => [`/${repo}/resolve/${name}/${path}`, file]),
    [`/api/models/${repo}/revision/main`, { bytes: state, contentType: 'application/json' }],
  ];
}

/** As huggingface.co: 404 inside a repository that is there, 401 where there is none. */
function missing(path: string, files: Map<string, HubFile>): HubFile | undefined {
  const repo = /^\/[^/]+\/[^/]+\/resolve\//.exec(path)?.[0];
  if (!repo) return undefined;
  const known = [...files.keys()].some((name) => name.startsWith(repo));
  const [status, code] = known ? [404, 'EntryNotFound'] : [401, 'RepoNotFound'];
  return {
    bytes: new Uint8Array(),
    contentType: 'text/html',
    status: status as number,
    headers: { 'X-Error-Code': code as string },
  };
}

/** Sets status and headers before its first pause, so that they can be read at once. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: HubFile | undefined,
  fault: ServerFault | undefined,
): Promise<void> {
  if (fault?.kind === 'status') {
    if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter);
    return sendPage(response, fault.status);
  }
  if (fault?.kind === 'refuse-range' && request.headers.range) return void response.destroy();
  if (fault?.kind === 'page') return sendPage(response, 200);
  if (!file) return sendPage(response, 404);
  for (const [name, value] of Object.entries(file.headers ?? {})) response.setHeader(name, value);
  if (file.status !== undefined) return sendPage(response, file.status);
  if (file.redirect) return void response.writeHead(302, { Location: file.redirect }).end();
  const bytes = applyFault(file.bytes, fault);
  const etag = `"${hash(bytes)}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', file.contentType);
  const range = fault?.kind === 'ignore-range' ? undefined : readRange(request, etag);
  if (range && range.first >= bytes.length) {
    return void response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
  }
  const body = range ? bytes.subarray(range.first, range.last + 1) : bytes;
  if (range) {
    const last = range.first + body.length - 1;
    response.setHeader('Content-Range', `bytes ${range.first}-${last}/${bytes.length}`);
  }
  response.writeHead(range ? 206 : 200, { 'Content-Length': body.length });
  if (request.method === 'HEAD') return void response.end();
  await sendBody(response, body, fault);
}

function applyFault(bytes: Uint8Array, fault: ServerFault | undefined): Uint8Array {
  if (fault?.kind === 'replaced') return fault.bytes;
  if (fault?.kind !== 'wrong-byte') return bytes;
  const wrong = bytes.slice();
  wrong[fault.at]! ^= 0xff;
  return wrong;
}

/** `bytes=100-` or `bytes=100-199`; undefined where If-Range names another version. */
function readRange(request: IncomingMessage, etag: string): { first: number; last: number } | undefined {
  const ifRange = request.headers['if-range'];
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (!match || (ifRange !== undefined && ifRange !== etag)) return undefined;
  return { first: Number(match[1]), last: match[2] ? Number(match[2]) : Number.MAX_SAFE_INTEGER };
}

async function sendBody(
  response: ServerResponse,
  body: Uint8Array,
  fault: ServerFault | undefined,
): Promise<void> {
  switch (fault?.kind) {
    case 'truncate':
    case 'replaced':
      response.write(body.subarray(0, fault.after));
      // Cutting at once would drop bytes that are still on their way, here and in the client.
      await sleep(BEFORE_CUT);
      return void response.destroy();
    case 'stall':
      return void response.write(body.subarray(0, fault.after));
    case 'slow':
      for (let at = 0; at < body.length && !response.destroyed; at += fault.chunk) {
        response.write(body.subarray(at, at + fault.chunk));
        await sleep(fault.pause);
      }
      return void response.end();
    default:
      return void response.end(body);
  }
}

function sendPage(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' }).end(ERROR_PAGE);
}

function allowOtherOrigins(response: ServerResponse, hideHeaders: boolean): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (!hideHeaders) response.setHeader('Access-Control-Expose-Headers', EXPOSED);
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @returns the origin */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
