import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { PictureSink } from '../../engine/types';
import { PngPicture } from '../../picture';
import { CREATE, PartFile } from './part-file';

/** A PNG file that is written while its tiles come in, and has its name only when it is kept. */
export class PngFile implements PictureSink {
  readonly #file: PartFile;
  readonly #stream: WriteStream;
  readonly #picture: PngPicture;

  constructor(path: string, width: number, height: number) {
    this.#file = new PartFile(path);
    this.#stream = createWriteStream(this.#file.path, { flags: CREATE });
    // Looked at in finish(); until then an error must not end the process.
    this.#stream.on('error', () => {});
    this.#picture = new PngPicture(width, height, (bytes) => this.#stream.write(bytes));
  }

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
}
