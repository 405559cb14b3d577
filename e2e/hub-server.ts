import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong with one answer. */
export type Fault =
  /** Announces the whole body, sends `after` bytes of it, and cuts the connection. */
  | { kind: 'truncate'; after: number }
  /** Sends `after` bytes and then nothing, with the connection open. */
  | { kind: 'stall'; after: number }
  /** Answers a Range request with the whole file. */
  | { kind: 'ignore-range' }
  /** An error status with a page for people, as hubs send it. */
  | { kind: 'status'; status: number; retryAfter?: string }
  /** A web page with status 200, as single-page servers send it for everything. */
  | { kind: 'page' }
  /** One byte is not what it should be. */
  | { kind: 'wrong-byte'; at: number }
  /** Another version of the file, with an ETag of its own, that breaks off after `after` bytes. */
  | { kind: 'replaced'; bytes: Uint8Array; after: number }
  /** `chunk` bytes at a time, with a pause in milliseconds after each. */
  | { kind: 'slow'; chunk: number; pause: number };

export interface HubRequest {
  method: string;
  range: string | undefined;
  ifRange: string | undefined;
  referer: string | undefined;
  status: number;
}

/** A server on this machine that behaves as a model hub does, and fails on request. */
export interface HubServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  /** Serves `bytes` at `path`. */
  put(path: string, bytes: Uint8Array, contentType?: string): void;
  /**
   * As hubs do for large files: answers `path` with a redirect to a content address.
   * @returns the path of that address
   */
  putBehindRedirect(path: string, bytes: Uint8Array): string;
  /** The next requests to `path` fail in this order; later ones are served well. */
  fail(path: string, ...faults: Fault[]): void;
  /** Every request to `path` fails. */
  failAlways(path: string, fault: Fault): void;
  /** What was asked for at `path`, oldest first; a browser's preflights are requests too, of method OPTIONS. */
  requests(path: string): HubRequest[];
  forgetRequests(): void;
  close(): Promise<void>;
}

interface HubFile {
  bytes: Uint8Array;
  contentType: string;
  redirect?: string;
}

/** Milliseconds between the last byte and the cut of a connection. */
const BEFORE_CUT = 50;

const ERROR_PAGE =
  '<!doctype html><title>404</title><h1>Sorry, we can’t find the page you are looking for.</h1>';

export async function startHub(): Promise<HubServer> {
  const files = new Map<string, HubFile>();
  const faults = new Map<string, Fault[]>();
  const always = new Map<string, Fault>();
  const log = new Map<string, HubRequest[]>();

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    allowOtherOrigins(response);
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else {
      const fault = faults.get(path)?.shift() ?? always.get(path);
      answer(request, response, files.get(path), fault).catch(() => response.destroy());
    }
    const { range, 'if-range': ifRange, referer } = request.headers;
    const entry = { method: request.method ?? '', range, ifRange: ifRange?.toString(), referer };
    log.set(path, [...(log.get(path) ?? []), { ...entry, status: response.statusCode }]);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));

  const put: HubServer['put'] = (path, bytes, contentType = 'application/octet-stream') =>
    void files.set(path, { bytes, contentType });
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    put,
    putBehindRedirect(path, bytes) {
      const address = `/cdn/${createHash('sha256').update(bytes).digest('hex')}`;
      put(address, bytes);
      files.set(path, { bytes: new Uint8Array(), contentType: 'text/plain', redirect: address });
      return address;
    },
    fail: (path, ...next) => void faults.set(path, [...(faults.get(path) ?? []), ...next]),
    failAlways: (path, fault) => void always.set(path, fault),
    requests: (path) => log.get(path) ?? [],
    forgetRequests: () => log.clear(),
    close: () => close(server),
  };
}

/** Sets status and headers before its first pause, so that they can be read at once. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: HubFile | undefined,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'status') {
    if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter);
    return sendPage(response, fault.status);
  }
  if (fault?.kind === 'page') return sendPage(response, 200);
  if (!file) return sendPage(response, 404);
  if (file.redirect) return void response.writeHead(302, { Location: file.redirect }).end();
  const bytes = applyFault(file.bytes, fault);
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
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

function applyFault(bytes: Uint8Array, fault: Fault | undefined): Uint8Array {
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

async function sendBody(response: ServerResponse, body: Uint8Array, fault: Fault | undefined): Promise<void> {
  switch (fault?.kind) {
    case 'truncate':
    case 'replaced':
      response.write(body.subarray(0, fault.after));
      // Cutting at once would drop what is still on its way, here and in the client.
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

function allowOtherOrigins(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range, Content-Length, Accept-Ranges');
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
