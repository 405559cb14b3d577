import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { PictureSink } from '../engine/types';
import { PngPicture } from '../picture';

/** A PNG file that is written while its tiles come in, and has its name only when it is complete. */
export class PngFile implements PictureSink {
  readonly #path: string;
  readonly #stream: WriteStream;
  readonly #picture: PngPicture;

  constructor(path: string, width: number, height: number) {
    this.#path = path;
    this.#stream = createWriteStream(this.#partial);
    // Looked at in finish(); until then an error must not end the process.
    this.#stream.on('error', () => {});
    this.#picture = new PngPicture(width, height, (bytes) => this.#stream.write(bytes));
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray): void {
    this.#picture.put(x, y, width, height, rgba);
  }

  /** @throws the file system's error */
  async finish(): Promise<void> {
    await this.#picture.finish();
    this.#stream.end();
    await finished(this.#stream);
    await rename(this.#partial, this.#path);
  }

  async discard(): Promise<void> {
    this.#stream.destroy();
    await finished(this.#stream).catch(() => {});
    await rm(this.#partial, { force: true });
  }

  get #partial(): string {
    return `${this.#path}.part`;
  }
}
