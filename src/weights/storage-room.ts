import { describeModel, type MachineState } from './catalog/describe-model';
import type { FileLoader } from './file-loader';
import { fileKey, isStoredWhole } from './store/file-key';
import type { ModelNotes } from './store/model-notes';
import type { UnusedFiles } from './store/unused-files';
import type { WeightsCache } from './store/weights-cache';
import type { CatalogEntry, WeightsNotice } from './types';

interface StorageParts {
  cache: WeightsCache;
  notes: ModelNotes;
  loader: FileLoader;
  unused: UnusedFiles;
  /** The models of the catalogue, and those that were added. */
  models: () => readonly CatalogEntry[];
  readState: () => Promise<MachineState>;
  onNotice: (notice: WeightsNotice) => void;
}

/** What is deleted when the store is full, and when a model is removed. */
export class StorageRoom {
  readonly #parts: StorageParts;
  /** What somebody waits for. It is not deleted for lack of room. */
  readonly #wanted = new Set<Pick<CatalogEntry, 'files'>>();

  constructor(parts: StorageParts) {
    this.#parts = parts;
  }

  /** Spares the files until what is returned is called. */
  spare({ files }: Pick<CatalogEntry, 'files'>): () => void {
    const wanted = { files };
    this.#wanted.add(wanted);
    return () => void this.#wanted.delete(wanted);
  }

  /**
   * Deletes what no model of the catalogue (in that revision) needs, else the model of a hub that was used longest ago
   * and is neither pinned nor being loaded.
   *
   * @returns whether anything was deleted
   */
  async make(): Promise<boolean> {
    const listFiles = () => [...this.#parts.models(), ...this.#wanted].flatMap(({ files }) => files);
    if (await this.#parts.unused.delete(listFiles)) return true;
    const { pins, added, records } = this.#parts.notes;
    const usedAt = ({ files }: CatalogEntry) =>
      Math.max(...files.map((file) => records.get(fileKey(file))?.usedAt ?? 0));
    const state = await this.#parts.readState();
    const complete = this.#parts.models().filter((entry) => describeModel(entry, state).complete);
    const othersThan = (entry: CatalogEntry) => complete.filter((other) => other !== entry);
    const wanted = new Set([...this.#wanted].flatMap(({ files }) => files.map(fileKey)));
    const [oldest] = complete
      .filter(({ id, embedded }) => !embedded && !pins.has(id) && !added.has(id))
      .filter(({ files }) => files.every((file) => !wanted.has(fileKey(file))))
      .filter((entry) => this.#storedFor(entry, othersThan(entry)).length > 0)
      .toSorted((a, b) => usedAt(a) - usedAt(b));
    if (!oldest) return false;
    await this.deleteFiles(oldest, othersThan(oldest));
    this.#parts.onNotice({
      code: 'evicted',
      message: `${oldest.label} was deleted from the browser's storage to make room; pin a model to keep it.`,
    });
    return true;
  }

  /** Keys of what is stored for this model alone. @param others models that must stay complete */
  #storedFor({ files }: CatalogEntry, others: CatalogEntry[]): string[] {
    const needed = new Set(
      others.flatMap((model) => model.files.map((file) => this.#parts.loader.storedAs(file))),
    );
    const keys = new Set(files.map((file) => this.#parts.loader.storedAs(file)));
    return [...keys].filter((key) => key !== undefined).filter((key) => !needed.has(key));
  }

  /** @param others models that must stay complete */
  async deleteFiles(entry: CatalogEntry, others: CatalogEntry[]): Promise<void> {
    for (const key of this.#storedFor(entry, others)) await this.#parts.cache.delete(key);
    for (const file of entry.files) {
      const key = fileKey(file);
      if (isStoredWhole(file) || others.some((model) => model.files.some((one) => fileKey(one) === key)))
        continue;
      await this.#parts.notes.forgetRecord(key);
      await (await this.#parts.loader.openPartial(file)).drop();
    }
  }
}
