import { LeapError, type ReadHints } from '../../client';
import { toLeapError } from '../../errors';
import { joinWords } from '../../join-words';
import type { PageState } from '../state/page-state';
import { formatBytes } from '../text/format';
import { judgeSource, listHosts } from './judge-source';

/** More addresses than this at once are most likely a mistake. */
const MAX_ADDRESSES = 20;
/** The largest file that is read as a latent. */
const MAX_BYTES = 2 ** 30;

export interface FetchOptions {
  hints?: ReadHints;
  /** Largest size of the file; default: 1 GiB. */
  maxBytes?: number;
  /** Whether the server may send the request on to another; default: `follow`. */
  redirect?: RequestRedirect;
}

/** Addresses in a text, one a line, as a browser's list of links has them. */
export function readAddresses(text: string): URL[] {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'));
  if (!lines.every((line) => /^[a-z][a-z0-9+.-]*:\/\//i.test(line) && URL.canParse(line))) return [];
  return lines.slice(0, MAX_ADDRESSES).map((line) => toDownload(new URL(line)));
}

/** The hub shows a file's page under `blob`, and the file itself under `resolve`. */
function toDownload(url: URL): URL {
  if (url.host === 'huggingface.co') url.pathname = url.pathname.replace('/blob/', '/resolve/');
  return url;
}

/**
 * Fetches what was dropped or pasted as text, if it is on the page's own server. No other server is asked before the
 * person says so.
 */
export function offerAddresses(page: PageState, text: string): void {
  const urls = readAddresses(text);
  const refuse = (message: string) => page.notify({ code: 'address', message });
  if (!urls.length) {
    refuse('Only files and https addresses of files can be opened here.');
    return;
  }
  const open = urls.find((url) => url.protocol !== 'https:' && url.origin !== location.origin);
  if (open) {
    refuse(`${open.protocol}//${open.host} cannot be opened: only https addresses can.`);
    return;
  }
  const forbidden = urls.find((url) => judgeSource(url, location.origin, findPolicy()) === 'refuse');
  const isOwn = urls.every((url) => url.origin === location.origin);
  if (forbidden) refuse(explainForbidden(forbidden));
  else if (isOwn) for (const url of urls) void fetchInto(page, url, { redirect: 'error' });
  else offerFetch(page, urls);
}

/** The built page has its policy in itself. One that came as a header only is not known to scripts. */
export function findPolicy(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]')?.content;
}

/** That the browser would block an address, what it would not, and what to do instead. */
export function explainForbidden({ host }: URL): string {
  const allowed = joinWords(['its own server', ...listHosts(findPolicy())], 'and');
  return `This page may not fetch anything from ${host}, only from ${allowed}. Download the file and drop it here.`;
}

/** Asks whether these files are to be fetched. */
export function offerFetch(page: PageState, urls: readonly URL[], options: FetchOptions = {}): void {
  const hosts = [...new Set(urls.map(({ host }) => host))].join(' and ');
  const what = urls.length === 1 ? nameOf(urls[0]!) : `${urls.length} files`;
  const run = () => {
    page.dismiss(notice);
    for (const url of urls) void fetchInto(page, url, options);
  };
  const notice = {
    code: 'address',
    message: `Fetch ${what} from ${hosts}? That server will see your address, nothing else.`,
    action: { label: 'Fetch', run },
    about: urls.join(' '),
  };
  page.notify(notice);
}

/** Fetches a file into the queue, with notices of its progress and of what went wrong. */
export async function fetchInto(
  page: PageState,
  url: URL,
  { hints = {}, maxBytes = MAX_BYTES, redirect = 'follow' }: FetchOptions = {},
): Promise<void> {
  const abort = new AbortController();
  const name = nameOf(url);
  const notice = {
    code: 'fetching',
    message: `Fetching ${name} from ${url.host}`,
    action: { label: 'Cancel', run: () => abort.abort() },
    about: url.href,
  };
  page.notify(notice);
  try {
    const file = await fetchFile(url, abort.signal, maxBytes, redirect);
    page.add([{ name: file.name, input: file, hints }]);
  } catch (thrown) {
    const error = toLeapError(thrown);
    if (error.code !== 'cancelled') page.notify(error);
  } finally {
    page.dismiss(notice);
  }
}

/**
 * A file from a server, as if it had been dropped.
 * @throws LeapError `forbidden-address`, `download-failed`, `too-large`, `cancelled`
 */
async function fetchFile(
  url: URL,
  signal: AbortSignal,
  maxBytes: number,
  redirect: RequestRedirect,
): Promise<File> {
  const watch = watchPolicy();
  try {
    const response = await fetch(url, {
      signal,
      redirect,
      referrerPolicy: 'no-referrer',
      credentials: 'omit',
    });
    if (!response.ok) throw failure(url, `the server answered with status ${response.status}`, CHECK);
    if (response.headers.get('Content-Type')?.startsWith('text/html')) {
      throw failure(url, 'the server answered with a web page', CHECK);
    }
    return new File(await readBody(response, maxBytes), nameOf(url));
  } catch (thrown) {
    if (thrown instanceof LeapError || signal.aborted) throw thrown;
    if (await watch.violated()) {
      throw new LeapError('forbidden-address', explainForbidden(url), { url: url.href });
    }
    throw failure(url, 'the server cannot be reached, or lets no other page read its files');
  } finally {
    watch.stop();
  }
}

async function readBody(response: Response, maxBytes: number): Promise<BlobPart[]> {
  const parts: BlobPart[] = [];
  let bytes = 0;
  const reader = response.body!.getReader();
  for (let piece = await reader.read(); piece.value; piece = await reader.read()) {
    bytes += piece.value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw new LeapError('too-large', `The file is larger than ${formatBytes(maxBytes)}.`);
    }
    parts.push(piece.value);
  }
  return parts;
}

const CHECK = 'Check the address.';

function failure(url: URL, why: string, advice = 'Download the file and drop it here.'): LeapError {
  return new LeapError(
    'download-failed',
    `${nameOf(url)} could not be fetched from ${url.host}: ${why}. ${advice}`,
    { url: url.href },
  );
}

/** The browser tells of a violated policy in an event only, and after the request has failed. */
function watchPolicy() {
  let seen = false;
  const look = () => {
    seen = true;
  };
  document.addEventListener('securitypolicyviolation', look);
  return {
    violated: async () => {
      if (!seen) await new Promise((resolve) => setTimeout(resolve, 50));
      return seen;
    },
    stop: () => document.removeEventListener('securitypolicyviolation', look),
  };
}

function nameOf({ pathname }: URL): string {
  const last = pathname.split('/').findLast(Boolean) ?? 'file';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
