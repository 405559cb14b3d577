import { LeapError } from '../../errors';
import { explainGate, parseHubAddress } from './hub-address';
import { Interrupted, readRetryAfter } from './retry';

/** What is known about the file when a response arrives. */
export interface SoFar {
  url: string;
  /** Bytes that are here already; the request asked for the rest. */
  received: number;
  /** Bytes of the whole file, where known. */
  total: number | undefined;
  /** Of the response that those bytes came from. */
  etag: string | null;
}

/** How to use a response that may be used. */
export interface Accepted {
  /** Offset in the file of the body's first byte: 0 or `received`. */
  start: number;
  /** Bytes of the whole file as the server counts them; undefined where it does not say. */
  total: number | undefined;
  etag: string | null;
}

/**
 * Decides whether a body may become part of a weights file.
 *
 * @throws Interrupted when asking again may help
 * @throws LeapError `download-failed` for refusals and web pages, `hash-mismatch` for a file of another size
 */
export function checkResponse(response: Response, soFar: SoFar): Accepted {
  const { status, headers } = response;
  if (status === 416) throw otherSize(readTotal(headers) ?? soFar.received, soFar);
  if (status !== 200 && status !== 206) throw explainStatus(response, soFar.url);
  const type = headers.get('Content-Type') ?? '';
  if (/\bx?html\b/i.test(type)) {
    throw failed(`${soFar.url} is a web page, not a file of a model.`, { url: soFar.url, status, type });
  }
  const etag = headers.get('ETag');
  // Servers may answer a Range request with the whole file.
  if (status === 200) return { start: 0, total: readLength(headers), etag };
  return checkPart(response, soFar, etag);
}

function checkPart({ headers }: Response, soFar: SoFar, etag: string | null): Accepted {
  const { received, total } = soFar;
  // Other origins may hide Content-Range; then the hash of the whole decides.
  const start = readStart(headers) ?? received;
  const size = readTotal(headers);
  if (total !== undefined && size !== undefined && size !== total) throw otherSize(size, soFar);
  if (start !== received || (etag !== null && soFar.etag !== null && etag !== soFar.etag)) {
    throw new Interrupted('the file changed on the server while it was being downloaded');
  }
  return { start, total: size ?? total, etag: etag ?? soFar.etag };
}

function explainStatus({ status, headers }: Response, url: string): Error {
  if (status === 429 || status === 408 || status >= 500) {
    const retryAfter = readRetryAfter(headers.get('Retry-After'));
    const reason =
      status === 429 ? 'the server is getting too many requests' : `the server answered ${status}`;
    return new Interrupted(reason, { retryAfter, status });
  }
  if (status === 401 || status === 403) return explainRefusal(status, headers, url);
  if (status === 404 || status === 410) return gone(status, url);
  return failed(`${url} could not be fetched: the server answered ${status}.`, { url, status });
}

/**
 * Hubs answer 401 both for files that ask for consent and for those that are not there; which it is stands in a
 * header (huggingface.co's X-Error-Code).
 */
function explainRefusal(status: number, headers: Headers, url: string): LeapError {
  if (/NotFound$/.test(headers.get('X-Error-Code') ?? '')) return gone(status, url);
  const page = parseHubAddress(url)?.page;
  if (!page)
    return failed(`${url} is not public: the server asks for permission (${status}).`, { url, status });
  return explainGate(page, { url, status });
}

function gone(status: number, url: string): LeapError {
  return failed(`${url} is not there: it may have been moved or deleted (${status}).`, { url, status });
}

function otherSize(actual: number, { url, total }: SoFar): LeapError {
  const message = `${url} has ${actual} bytes instead of ${total ?? 'the expected number'}.`;
  return new LeapError('hash-mismatch', message, { url, expected: total, actual });
}

function failed(message: string, detail: Record<string, unknown>): LeapError {
  return new LeapError('download-failed', message, detail);
}

/** Content-Length counts compressed bytes where the server compresses. */
function readLength(headers: Headers): number | undefined {
  const length = headers.get('Content-Length');
  const encoding = headers.get('Content-Encoding') ?? 'identity';
  return length !== null && encoding === 'identity' ? Number(length) : undefined;
}

/** `bytes 100-199/1000` -> 100 */
function readStart(headers: Headers): number | undefined {
  const match = /^bytes (\d+)-/.exec(headers.get('Content-Range') ?? '');
  return match ? Number(match[1]) : undefined;
}

/** `bytes 100-199/1000` or `bytes *\/1000` -> 1000 */
function readTotal(headers: Headers): number | undefined {
  const match = /\/(\d+)$/.exec(headers.get('Content-Range') ?? '');
  return match ? Number(match[1]) : undefined;
}
