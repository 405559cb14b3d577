import { LeapError } from '../../errors';
import { type BodyPlace, TooMuch } from './http-stream';
import { explainGate, parseHubAddress } from './hub-address';
import { Interrupted, readRetryAfter } from './retry';

/** The part of a file that was asked for: from `begin` up to `end`, which is Infinity for the rest of it. */
export interface Asked {
  url: string;
  begin: number;
  end: number;
}

/** What a server says about its file. */
export interface FileFacts {
  /** Bytes of the whole file; undefined where the server does not say. */
  size: number | undefined;
  etag: string | null;
  lastModified: string | null;
  /** The commit that a hub says it serves, where the browser lets that header through. */
  commit: string | null;
}

/** How to use a response that may be used. */
export interface Accepted extends BodyPlace {
  facts: FileFacts;
}

/** The answer is of another file than those before it, or of another part than was asked for. */
export class FileChanged extends Error {}

/**
 * Decides whether a body may become part of a weights file.
 *
 * @param known bytes of the whole file, if they are known beforehand
 * @param before what the first answer said; undefined for the first one
 * @throws Interrupted when asking again may help, FileChanged, TooMuch for a range longer than asked
 * @throws LeapError `download-failed` for refusals and web pages, `hash-mismatch` for a file of another size
 */
export function checkResponse(
  response: Response,
  asked: Asked,
  known: number | undefined,
  before: FileFacts | undefined,
): Accepted {
  const accepted = checkAlone(response, asked, known, before);
  if (before && isOther(accepted.facts, before)) throw new FileChanged();
  return accepted;
}

/** Two answers without an ETag are compared by their date, which every browser shows. */
function isOther(facts: FileFacts, before: FileFacts): boolean {
  const differs = <T>(a: T | null | undefined, b: T | null | undefined) =>
    a !== null && a !== undefined && b !== null && b !== undefined && a !== b;
  const bothTagged = facts.etag !== null && before.etag !== null;
  return (
    differs(facts.etag, before.etag) ||
    (!bothTagged && differs(facts.lastModified, before.lastModified)) ||
    differs(facts.commit, before.commit) ||
    differs(facts.size, before.size)
  );
}

function checkAlone(
  response: Response,
  asked: Asked,
  known: number | undefined,
  before: FileFacts | undefined,
): Accepted {
  const { status, headers } = response;
  const { url } = asked;
  if (status === 416) throw otherSize(readTotal(headers) ?? asked.begin, url, known);
  if (status !== 200 && status !== 206) throw explainStatus(response, url);
  const type = headers.get('Content-Type') ?? '';
  if (/\bx?html\b/i.test(type)) {
    throw failed(`${url} is a web page, not a file of a model.`, { url, status, type });
  }
  // Servers may answer a Range request with the whole file.
  const size = status === 200 ? readLength(headers) : readTotal(headers);
  if (known !== undefined && size !== undefined && size !== known) throw otherSize(size, url, known);
  const facts: FileFacts = {
    size: size ?? known ?? before?.size,
    etag: headers.get('ETag'),
    lastModified: headers.get('Last-Modified'),
    commit: headers.get('X-Repo-Commit'),
  };
  return status === 200 ? { at: 0, facts } : { ...placePart(headers, asked, facts.size), facts };
}

/**
 * Other origins may hide Content-Range, but not Content-Length. Some servers answer 206 and send the whole file. So a
 * range that is longer than asked, or whose place and length are unknown, may begin anywhere.
 */
function placePart(headers: Headers, { begin, end }: Asked, size: number | undefined): BodyPlace {
  const at = readStart(headers);
  if (at !== undefined && at !== begin) throw new FileChanged();
  const last = Math.min(end, size ?? Number.POSITIVE_INFINITY);
  const length = readLength(headers);
  if (length === undefined ? at === undefined : begin + length > last) throw new TooMuch();
  return { at: begin, end: last };
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
 * Hubs answer 401 both for files that ask for consent and for files that do not exist. A header tells which
 * (huggingface.co's X-Error-Code).
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

function otherSize(actual: number, url: string, expected: number | undefined): LeapError {
  const message = `${url} has ${actual} bytes instead of ${expected ?? 'the expected number'}.`;
  return new LeapError('hash-mismatch', message, { url, expected, actual });
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
