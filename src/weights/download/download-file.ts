import { LeapError, throwIfAborted } from '../../errors';
import { sha256 } from '../sha256';
import { ByteSink } from './byte-sink';
import { FileChanged } from './check-response';
import { HttpFile, type HttpOptions } from './http-file';
import { MAX_CHANGES } from './retry';

export interface DownloadOptions extends HttpOptions {
  /** Lower-case hex, where known. */
  sha256?: string | undefined;
  /** Most bytes to accept where `bytes` is not given. */
  maxBytes?: number | undefined;
  /** Called for every piece. The total is undefined as long as no server has said it. */
  onProgress?: ((loadedBytes: number, totalBytes: number | undefined) => void) | undefined;
}

const DEFAULT_MAX_BYTES = 2 ** 31;

/**
 * Downloads a whole file, over as many connections as it takes, and checks its size and its hash.
 *
 * @throws LeapError `download-failed`, `gated`, `hash-mismatch`, `too-large`, `cancelled`
 */
export async function downloadFile(url: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const sink = new ByteSink(options.bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const read = async () => {
    const file = new HttpFile(url, options);
    try {
      await readInto(sink, file, options);
      await checkHash(sink.bytes(), file, options);
      return sink.bytes();
    } finally {
      file.close();
    }
  };
  return beginAgainWhenChanged(url, read, () => sink.reset());
}

/**
 * Reads a file, and starts again from its beginning when it has changed meanwhile.
 *
 * @param forget what came of the version before
 * @throws LeapError `download-failed` when it changes too often
 */
export async function beginAgainWhenChanged<T>(
  url: string,
  read: () => Promise<T>,
  forget: () => void | Promise<void>,
): Promise<T> {
  for (let changes = 0; ; changes++) {
    try {
      return await read();
    } catch (thrown) {
      if (!(thrown instanceof FileChanged)) throw thrown;
      await forget();
    }
    if (changes >= MAX_CHANGES) {
      const message = `${url} keeps changing while it is being read.`;
      throw new LeapError('download-failed', message, { url });
    }
  }
}

async function readInto(sink: ByteSink, file: HttpFile, options: DownloadOptions): Promise<void> {
  const { signal, bytes, onProgress } = options;
  for await (const piece of file.read(0)) {
    throwIfAborted(signal);
    sink.append(piece);
    onProgress?.(sink.length, bytes ?? (file.size || undefined));
  }
  throwIfAborted(signal);
}

/** @throws FileChanged when the parts that came may be of two versions of the file */
async function checkHash(bytes: Uint8Array, file: HttpFile, options: DownloadOptions): Promise<void> {
  const { sha256: expected, signal } = options;
  if (expected === undefined) return;
  const actual = await sha256(bytes);
  throwIfAborted(signal);
  if (actual === expected) return;
  if (file.connections > 1) throw new FileChanged();
  const message = `${file.name} is not the expected file: its hash differs.`;
  throw new LeapError('hash-mismatch', message, { url: file.name, expected, actual });
}
