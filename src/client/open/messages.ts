import type { Method, Scale } from '../../engine/types';
import type { ErrorCode, ErrorDetail } from '../../errors';
import type { ReadHints } from '../../latent/types';
import type { PlainInput } from '../input/plain-input';

/**
 * The messages between a page that has a latent and the page of Latent Leap that it has opened in a window.
 * docs/embedding-page.md describes the protocol for those who speak it without this package.
 */
export const PROTOCOL_VERSION = 1;

/** The largest latent that is taken, in bytes: four times one of 8192x8192 pixels with sixteen channels in float32. */
export const MAX_OPEN_BYTES = 256 * 2 ** 20;

interface Message<T extends string> {
  /** Version of the protocol. */
  latentLeap: number;
  type: T;
}

/** The page can take latents now. Sent to its opener, again after each reload. */
export interface ReadyMessage extends Message<'ready'> {
  versions: readonly number[];
  maxBytes: number;
}

/** To the page: read this and enlarge it. */
export interface OpenMessage extends Message<'open'> {
  /** The sender's name for it, which stands in every answer. */
  id: string;
  /** A latent file, or values in C order. */
  input: PlainInput;
  hints?: ReadHints;
  /** What the page calls it. */
  name?: string;
  /** From 1 to 4. The page takes the nearest factor that its models make, and the result says which. */
  scale?: Scale;
}

/** A picture is finished. There are more of them when the person chooses another model or factor. */
export interface ResultMessage extends Message<'result'>, OpenedPicture {
  id: string;
}

export interface OpenedPicture {
  /** A PNG file. */
  png: ArrayBuffer;
  /** Size of the picture, in pixels. */
  width: number;
  height: number;
  scale: Scale;
  /** The method of the page's right side. */
  method: Method;
  /** Which latent of a batch it is, from 0 on. */
  item: number;
}

/** Something could not be opened, read or enlarged. */
export interface ErrorMessage extends Message<'error'> {
  /** The id of the message that it answers; null where that has none. */
  id: string | null;
  code: ErrorCode;
  message: string;
  detail: ErrorDetail;
}

export type PageMessage = ReadyMessage | ResultMessage | ErrorMessage;

/** Whether it is a message of this protocol, in any version. Pages get messages of many others. */
export function isLeapMessage(data: unknown): data is Message<string> & Record<string, unknown> {
  if (typeof data !== 'object' || data === null) return false;
  const { latentLeap, type } = data as Partial<Message<string>>;
  return typeof latentLeap === 'number' && typeof type === 'string';
}
