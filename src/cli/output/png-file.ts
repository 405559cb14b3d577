import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { PictureSink } from '../../engine/types';
import { PngPicture } from '../../picture';
import { CREATE, PartFile } from './part-file';

/** Rows of tiles that are not complete across the picture's width, and bytes before the compressor. */
const ROWS_WAITING = 2048;
const WAITING_BYTES = 8 * 2 ** 20;
const RGBA_BYTES = 4;

/** A PNG file that is written while its tiles come in, and has its name only when it is kept. */
export class PngFile implements PictureSink {
  /** Bytes of memory that a picture of this width takes: what waits to be complete, and to be compressed. */
  static bytes(width: number): number {
    return width * ROWS_WAITING * RGBA_BYTES + WAITING_BYTES;
  }

  readonly #file: PartFile;
  readonly #stream: WriteStream;
  readonly #picture: PngPicture;

  constructor(path: string, width: number, height: number) {
    this.#file = new PartFile(path);
    this.#stream = createWriteStream(this.#file.path, { flags: CREATE });
    // The next bytes throw it. An error that nobody listens to would end the process.
    this.#stream.on('error', () => {});
    this.#picture = new PngPicture(width, height, (bytes) => this.#write(bytes));
  }

  /** @throws the file system's error, once it has come */
  put(...tile: Parameters<PngPicture['put']>): Promise<void> | undefined {
    return this.#picture.put(...tile);
  }

  /** Writes the rest. @throws the file system's error */
  async finish(): Promise<void> {
    await this.#picture.finish();
    this.#stream.end();
    await finished(this.#stream);
  }

  /** Gives the finished file its name. @throws the file system's error */
  keep(): Promise<void> {
    return this.#file.keep();
  }

  async discard(): Promise<void> {
    this.#stream.destroy();
    await finished(this.#stream).catch(() => {});
    await this.#file.discard();
  }

  #write(bytes: Uint8Array): void | Promise<void> {
    if (this.#stream.errored) throw this.#stream.errored;
    if (!this.#stream.write(bytes)) return this.#drain();
  }

  /** Waits for a slow disk. @throws the file system's error */
  async #drain(): Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    try {
      // A stream that is discarded only closes.
      await Promise.race([once(this.#stream, 'drain', { signal }), once(this.#stream, 'close', { signal })]);
    } finally {
      over.abort();
    }
  }
}
