import { LeapError } from '../errors';

const MEBIBYTE = 2 ** 20;
/** Every file may unpack to this much, which is the tensor of an 8192-pixel picture. */
const BASE_BYTES = 64 * MEBIBYTE;
/** A file that unpacks to more must itself have a quarter of the bytes, since latents hardly compress. */
const BYTES_PER_FILE_BYTE = 4;
const MAX_BYTES = 1024 * MEBIBYTE;

/** Counts what a file unpacks to, so that a small file cannot fill the memory. */
export class Budget {
  readonly #limit: number;
  #spent = 0;

  constructor(fileBytes: number) {
    this.#limit = Math.min(MAX_BYTES, Math.max(BASE_BYTES, fileBytes * BYTES_PER_FILE_BYTE));
  }

  /** Call before allocating. @throws LeapError `too-large` */
  spend(bytes: number, what: string): void {
    this.#spent += bytes;
    if (this.#spent <= this.#limit) return;
    throw new LeapError(
      'too-large',
      `${what} would unpack to more than ${this.#limit} bytes, which is not plausible for this file.`,
      { bytes: this.#spent, limit: this.#limit },
    );
  }
}
