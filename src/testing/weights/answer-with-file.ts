import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../digest-of';

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

/** What a server has at one path. */
export interface ServedFile {
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

const ERROR_PAGE =
  '<!doctype html><title>404</title><h1>Sorry, we can’t find the page you are looking for.</h1>';

/** Sets status and headers before its first pause, so that they can be read at once. */
export async function answerWithFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile | undefined,
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
  const etag = `"${digestOf(bytes)}"`;
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
