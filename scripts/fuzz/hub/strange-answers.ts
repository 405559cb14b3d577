import type { Random } from '../random';

/** A file that a server has, with what tells it from another version. */
export interface Version {
  bytes: Uint8Array;
  etag: string;
  modified: string;
}

/** What a server does with one request for a file. `none` is right. */
export const FAULTS = [
  'network',
  'status',
  'page',
  'cut',
  'hang',
  'whole',
  'long',
  'wrong start',
  'wrong total',
  'wrong length',
  'unplaced',
  'bare',
  'odd headers',
] as const;
export type Fault = (typeof FAULTS)[number] | 'none';

const STATUSES = [204, 301, 400, 401, 403, 404, 408, 410, 416, 429, 500, 503];
const PAGE = '<!doctype html><title>Sorry</title>';
const ODD_HEADERS: readonly [string, string][] = [
  ['ETag', ''],
  ['ETag', 'W/"'],
  ['Last-Modified', 'never'],
  ['X-Repo-Commit', '../../..'],
  ['X-Repo-Commit', '0'.repeat(400)],
  ['Content-Type', 'application/xhtml+xml'],
  ['Content-Encoding', 'gzip'],
  ['Content-Range', 'bytes */*'],
  ['Content-Range', 'bytes 18446744073709551615-1/9007199254740993'],
  ['Content-Length', '-1'],
  ['Content-Length', '9007199254740993'],
  ['Retry-After', '1e9'],
];

/** The answer to one request. What it says of its bytes is true but for the fault, or cannot be checked at all. */
export function answerFile(
  { bytes, etag, modified }: Version,
  init: RequestInit | undefined,
  fault: Fault,
  random: Random,
): Response {
  if (fault === 'network') throw new TypeError('Failed to fetch');
  if (fault === 'status')
    return new Response(null, {
      status: random.pick(STATUSES),
      headers: random.below(2) ? { 'Retry-After': random.pick(['0', '1', '-1', 'soon', '99999']) } : {},
    });
  if (fault === 'page') return new Response(PAGE, { headers: { 'Content-Type': 'text/html' } });
  const asked = /^bytes=(\d+)-(\d*)$/.exec(new Headers(init?.headers).get('Range') ?? '');
  const ranged = asked && fault !== 'whole';
  const begin = ranged ? Number(asked[1]) : 0;
  const end = ranged && asked[2] ? Math.min(Number(asked[2]) + 1, bytes.length) : bytes.length;
  if (begin >= bytes.length && ranged)
    return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` } });
  const headers = new Headers({ 'Content-Type': 'application/octet-stream' });
  if (fault !== 'bare') {
    headers.set('ETag', etag);
    headers.set('Last-Modified', modified);
  }
  let body = fault === 'unplaced' ? bytes : bytes.subarray(begin, end);
  let length = body.length;
  if (fault === 'wrong length') length = random.pick([0, 1, body.length - 1, body.length + 1, 2 ** 40]);
  if (fault !== 'bare') headers.set('Content-Length', `${length}`);
  if (ranged && fault !== 'unplaced') {
    const start = fault === 'wrong start' ? begin + random.pick([1, -1, 1000]) : begin;
    const total = fault === 'wrong total' ? random.pick([0, 1, bytes.length + 1, 2 ** 53]) : bytes.length;
    headers.set('Content-Range', `bytes ${start}-${end - 1}/${total}`);
  }
  if (fault === 'odd headers') headers.set(...random.pick(ODD_HEADERS));
  if (fault === 'long') body = concat(body, new Uint8Array(1 + random.below(70_000)).fill(7));
  const sent = fault === 'cut' || fault === 'hang' ? body.subarray(0, random.below(body.length)) : body;
  return new Response(streamOf(sent, fault, init?.signal ?? undefined, random), {
    status: ranged ? 206 : 200,
    headers,
  });
}

/** In pieces; after them the end, a broken connection, or nothing until the caller gives up. */
function streamOf(
  bytes: Uint8Array,
  fault: Fault,
  signal: AbortSignal | undefined,
  random: Random,
): ReadableStream<Uint8Array> {
  const size = random.pick([1000, 30_000, 2 ** 20]);
  let at = 0;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal?.addEventListener('abort', () => {
        try {
          controller.error(signal.reason);
        } catch {
          // It has ended.
        }
      });
    },
    pull(controller) {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
        return;
      }
      if (fault === 'hang')
        return new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      if (fault === 'cut') controller.error(new TypeError('network error'));
      else controller.close();
      return undefined;
    },
  });
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
