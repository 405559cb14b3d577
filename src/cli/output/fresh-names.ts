import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Endings of the files that are written. */
const ENDINGS = ['.png', '.safetensors', '.latent', '.npy'];
/** The longest stem, in UTF-8: file systems take 255 bytes, some of which endings and numbers need. */
const MAX_STEM_BYTES = 180;

/** Names in the output folder that no file has: one that the command reads, one that it wrote, one of an earlier command. */
export class FreshNames {
  /** In lower case: macOS and Windows take `Cat.png` and `cat.png` for the same file. */
  readonly #taken: Set<string>;

  /**
   * @param folder the output folder; it need not exist
   * @param files the input files, wherever they are
   * @param overwrite names of files that are in the folder already may be taken, but for those of the input files
   */
  static async open(folder: string, files: readonly string[], overwrite: boolean): Promise<FreshNames> {
    const target = (await real(folder)).toLowerCase();
    const there = overwrite ? [] : await readdir(folder, { withFileTypes: true }).catch(() => []);
    // If an input is a link, neither the link nor its target may be overwritten.
    const paths = files.map(async (file) => [
      await real(file),
      join(await real(dirname(file)), basename(file)),
    ]);
    const lower = (await Promise.all(paths)).flat().map((path) => path.toLowerCase());
    return new FreshNames([
      ...there.filter((entry) => !entry.isDirectory()).map(({ name }) => name.toLowerCase()),
      ...lower.filter((path) => dirname(path) === target).map((path) => basename(path)),
    ]);
  }

  private constructor(taken: string[]) {
    this.#taken = new Set(taken);
  }

  /**
   * Names `cat-lua-x2`, then `cat-lua-x2-2`, then `cat-lua-x2-3`: the pictures of `cat.latent` and `cat.npy` must not
   * overwrite each other. The number comes last, as that of an item of a batch comes before the method.
   * @returns a name without an ending
   */
  take(stem: string, suffix: string): string {
    const short = shorten(stem);
    let name = `${short}${suffix}`;
    for (let count = 2; filesOf(name).some((file) => this.#taken.has(file)); count++)
      name = `${short}${suffix}-${count}`;
    for (const file of filesOf(name)) this.#taken.add(file);
    return name;
  }
}

function shorten(stem: string): string {
  const encoder = new TextEncoder();
  let [bytes, short] = [0, ''];
  for (const char of stem) {
    bytes += encoder.encode(char).length;
    if (bytes > MAX_STEM_BYTES) return short;
    short += char;
  }
  return stem;
}

const filesOf = (name: string) => ENDINGS.map((ending) => `${name}${ending}`.toLowerCase());

/** Without links, as far as there is something at that path. */
const real = (path: string) => realpath(path).catch(() => resolve(path));
