import type { FileLoader } from '../file-loader';
import type { CatalogFile } from '../types';
import { fileKey } from './file-key';
import { noteKindOf } from './keys';
import type { Ledger } from './ledger';
import type { Shelf } from './shelf';

/**
 * What earlier visits left in the store and no model needs any more: copies of files that the catalogue no longer has,
 * embedded ones too, and parts of such that were never finished.
 */
export class Orphans {
  readonly #shelf: Shelf;
  readonly #ledger: Ledger;
  readonly #loader: FileLoader;
  /** Keys of the store when the visit began. What came later may only not be noted yet, in whatever tab. */
  #earlier: ReadonlySet<string> = new Set();

  constructor(shelf: Shelf, ledger: Ledger, loader: FileLoader) {
    this.#shelf = shelf;
    this.#ledger = ledger;
    this.#loader = loader;
  }

  /** Takes down what is there when the visit begins. */
  async look(): Promise<void> {
    this.#earlier = new Set((await this.#shelf.sizes()).keys());
  }

  /**
   * @param listFiles all that may be needed: of the catalogue, added, on their way
   * @returns whether anything was deleted
   */
  async delete(listFiles: () => CatalogFile[]): Promise<boolean> {
    // Other tabs and workers may have fetched and added something meanwhile.
    await this.#ledger.refresh();
    const added = await this.#ledger.readAdded().catch(() => undefined);
    // Nobody could fetch an added model again, so nothing is deleted on a guess.
    if (added === undefined) return false;
    const files = listFiles();
    const known = new Set(files.map(fileKey));
    const gone = [...this.#ledger.records].filter(([key]) => !known.has(key));
    const left = new Set([...this.#earlier, ...gone.map(([, { digest }]) => digest)]);
    const needed = new Set(files.map((file) => this.#loader.storedAs(file)));
    const unfinished = await Promise.all(files.map((file) => this.#loader.unfinished(file)));
    const isNeeded = (key: string) =>
      noteKindOf(key) !== undefined ||
      needed.has(key) ||
      added.includes(key) ||
      unfinished.some((one) => one.owns(key));
    const stored = [...(await this.#shelf.sizes()).keys()];
    const orphans = stored.filter((key) => left.has(key) && !isNeeded(key));
    for (const [key] of gone) await this.#ledger.forgetRecord(key);
    for (const key of orphans) await this.#shelf.delete(key);
    return orphans.length > 0;
  }
}
