import type { FileLoader } from '../file-loader';
import type { CatalogFile } from '../types';
import { fileKey } from './file-key';
import type { ModelNotes } from './model-notes';
import { noteKindOf } from './store-keys';
import type { WeightsCache } from './weights-cache';

/**
 * What earlier visits left in the store and no model needs any more: copies of files, embedded ones too, that the
 * catalogue no longer has, and unfinished downloads of such files.
 */
export class UnusedFiles {
  readonly #cache: WeightsCache;
  readonly #notes: ModelNotes;
  readonly #loader: FileLoader;
  /** Keys of the store when the visit began. What came later may simply not be recorded yet, by any tab. */
  #earlier: ReadonlySet<string> = new Set();

  constructor(cache: WeightsCache, notes: ModelNotes, loader: FileLoader) {
    this.#cache = cache;
    this.#notes = notes;
    this.#loader = loader;
  }

  /** Call when the visit begins. */
  async rememberStored(): Promise<void> {
    this.#earlier = new Set((await this.#cache.sizes()).keys());
  }

  /**
   * @param listFiles all files that may be needed: the catalogue's, added ones, and those being fetched
   * @returns whether anything was deleted
   */
  async delete(listFiles: () => CatalogFile[]): Promise<boolean> {
    // Other tabs and workers may have fetched and added something meanwhile.
    await this.#notes.refresh();
    const added = await this.#notes.readAdded().catch(() => undefined);
    // An added model cannot be fetched again, so nothing is deleted on a guess.
    if (added === undefined) return false;
    const files = listFiles();
    const known = new Set(files.map(fileKey));
    const gone = [...this.#notes.records].filter(([key]) => !known.has(key));
    const left = new Set([...this.#earlier, ...gone.map(([, { digest }]) => digest)]);
    const needed = new Set(files.map((file) => this.#loader.storedAs(file)));
    const partials = await Promise.all(files.map((file) => this.#loader.openPartial(file)));
    const isNeeded = (key: string) =>
      noteKindOf(key) !== undefined ||
      needed.has(key) ||
      added.includes(key) ||
      partials.some((one) => one.owns(key));
    const stored = [...(await this.#cache.sizes()).keys()];
    const unused = stored.filter((key) => left.has(key) && !isNeeded(key));
    for (const [key] of gone) await this.#notes.forgetRecord(key);
    for (const key of unused) await this.#cache.delete(key);
    return unused.length > 0;
  }
}
