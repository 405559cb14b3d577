import { defined } from '../../defined';
import type { Scale } from '../../engine/types';
import { cancelled, LeapError, throwIfAborted, toLeapError } from '../../errors';
import { FACTORS_TAKEN, isFactor } from '../../factor';
import type { ReadHints } from '../../latent/types';
import { completeHints } from '../input/complete-hints';
import { toPlainInput } from '../input/plain-input';
import { valuesAlone } from '../input/values-alone';
import {
  checkCallback,
  checkNames,
  checkObject,
  checkSignal,
  checkText,
  refuseOption,
  requireText,
} from '../options/check';
import type { Names } from '../options/option-names';
import type { LatentInput } from '../types';
import {
  isLeapMessage,
  type OpenedPicture,
  type OpenMessage,
  type PageMessage,
  PROTOCOL_VERSION,
} from './messages';

export interface OpenOptions {
  /** Address of a page of Latent Leap: its folder, or a file in it. The query is kept. */
  page: string | URL;
  /** What the page calls the latent. */
  name?: string;
  /**
   * How many times larger the picture is, from 1 to 4; default: as the page is set. Where the models that are chosen
   * there lack the factor, the page takes the nearest that they make. The picture's `scale` has the one that it became.
   */
  scale?: Scale;
  /** Every picture, also those after the first one or after an error: the person may choose another model or factor. */
  onResult?: (picture: OpenedPicture) => void;
  /** Ends the waiting. The window stays open. */
  signal?: AbortSignal | undefined;
}

const NAMES: Names<OpenOptions> = { page: true, name: true, scale: true, onResult: true, signal: true };

/** The page beside index.html that its opener can talk to. */
const FILE = 'open.html';
/** How long the page may take to load, in milliseconds. */
const START_MS = 60_000;
/** How often to look whether the window is closed: there is no event when the window closes, so it is polled. */
const LOOK_MS = 500;

/**
 * Opens a latent in a window of Latent Leap and waits for its picture. Call it in the handler of a click, before the
 * first `await`: only there do browsers open windows. The page has a minute to load.
 *
 * @returns the first picture
 * @throws LeapError `closed` when no window opens, it is closed, or it does not answer (`detail.reason`: `blocked`,
 *   `closed`, `silent`); `bad-option`; `unsupported` for a page of another version; `cancelled`; and what the page reports
 */
export async function openInLatentLeap(
  input: LatentInput,
  hints: ReadHints,
  options: OpenOptions,
): Promise<OpenedPicture> {
  checkOpenOptions(options);
  const { page, name, scale, onResult, signal } = options;
  throwIfAborted(signal);
  const known = completeHints(input, hints);
  const address = findPage(page);
  const opened = window.open(address, '_blank');
  if (!opened) {
    const message =
      'The browser did not open a window. Call openInLatentLeap in the handler of a click, before the first await.';
    throw new LeapError('closed', message, { reason: 'blocked' });
  }
  // Of a view, the values and nothing else of its buffer: the page is of another origin.
  const plain = toPlainInput(input).then(valuesAlone);
  // It is awaited when the page is ready.
  plain.catch(() => {});
  const id = crypto.randomUUID();
  const done = new AbortController();
  return new Promise<OpenedPicture>((resolve, reject) => {
    const fail = (thrown: unknown) => {
      done.abort();
      reject(toLeapError(thrown));
    };
    const send = async () => {
      const message: OpenMessage = {
        latentLeap: PROTOCOL_VERSION,
        type: 'open',
        id,
        input: await plain,
        hints: known,
        ...defined({ name, scale }),
      };
      opened.postMessage(message, address.origin);
    };
    const answer = (message: PageMessage) => {
      if (message.type === 'ready') {
        clearTimeout(starting);
        if (message.versions.includes(PROTOCOL_VERSION)) return void send().catch(fail);
        const versions = message.versions.join(', ');
        fail(
          new LeapError(
            'unsupported',
            `This page of Latent Leap speaks version ${versions} of the protocol, and this package version ${PROTOCOL_VERSION}. Use a package of the page's time.`,
          ),
        );
      } else if (message.id === id && message.type === 'error') {
        // The person may fix it there, by choosing another family for example.
        if (!onResult) done.abort();
        reject(new LeapError(message.code, message.message, message.detail));
      } else if (message.id === id && message.type === 'result') {
        const { latentLeap: _, type: __, id: ___, ...picture } = message;
        if (!onResult) done.abort();
        resolve(picture);
        // Last, as it may throw.
        onResult?.(picture);
      }
    };
    const starting = setTimeout(() => {
      const seconds = START_MS / 1000;
      fail(
        new LeapError('closed', `${address} did not answer within ${seconds} seconds.`, { reason: 'silent' }),
      );
    }, START_MS);
    const looking = setInterval(() => {
      if (opened.closed) fail(new LeapError('closed', CLOSED, { reason: 'closed' }));
    }, LOOK_MS);
    done.signal.addEventListener('abort', () => {
      clearTimeout(starting);
      clearInterval(looking);
    });
    const listen = ({ source, origin, data }: MessageEvent) => {
      if (source === opened && origin === address.origin && isLeapMessage(data))
        answer(data as unknown as PageMessage);
    };
    window.addEventListener('message', listen, { signal: done.signal });
    const cancel = () => fail(cancelled(signal?.reason));
    signal?.addEventListener('abort', cancel, { signal: done.signal });
  });
}

const CLOSED =
  'The window of Latent Leap was closed before its picture came. If it is still open, the browser has cut the connection: a page with the header Cross-Origin-Opener-Policy: same-origin cannot talk to windows of other origins.';

/** Before a window opens. @throws LeapError `bad-option` */
function checkOpenOptions(options: OpenOptions): void {
  checkObject('The options', options);
  checkNames('The options of openInLatentLeap', options, NAMES);
  const { page, name, scale, onResult, signal } = options;
  if (!(page instanceof URL)) requireText('The page', page);
  checkText('The name', name);
  if (scale !== undefined && !isFactor(scale)) refuseOption('The scale', FACTORS_TAKEN, scale);
  checkCallback('onResult', onResult);
  checkSignal(signal);
}

/** @throws LeapError `bad-option` */
function findPage(page: string | URL): URL {
  try {
    const url = new URL(page, document.baseURI);
    // A last part without a dot is a folder, as addresses of folders are often written.
    url.pathname = url.pathname.replace(/(?<=\/)([^/.]+)$/, '$1/').replace(/[^/]*$/, FILE);
    if (url.protocol.startsWith('http')) return url;
  } catch {
    // Not an address at all.
  }
  throw new LeapError(
    'bad-option',
    `The option page must be the address of a page of Latent Leap, not ${page}.`,
  );
}
