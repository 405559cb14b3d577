import { readTensorFile, writeSafetensors } from '../../formats';
import type { NamedTensor, SafetensorsHeader } from '../../formats/types';
import { sha256 } from '../sha256';
import type { WeightsStore } from '../types';
import { isPartOf, partKey } from './store-keys';

/** Tensors are stored in batches of about this many bytes. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** What is noted about the batches. */
interface Note {
  /** The version of the file that they come from. */
  version: string;
  /** sha256 of each batch. */
  batches: string[];
}

/**
 * The tensors of an unfinished download, so that the next visit goes on where this one ended. It is only a help: what
 * cannot be stored, or has changed in the store, is fetched again.
 */
export class PartialDownload {
  readonly #store: WeightsStore;
  readonly #digest: string;
  readonly #batchBytes: number;
  #note: Note | undefined;
  #waiting: NamedTensor[] = [];
  #waitingBytes = 0;

  /** @param digest of the file's key */
  constructor(store: WeightsStore, digest: string, batchBytes = BATCH_BYTES) {
    this.#store = store;
    this.#digest = digest;
    this.#batchBytes = batchBytes;
  }

  /**
   * @param version of the file that is being read; tensors of another version are dropped
   * @returns the tensors that are here already, as they are stored
   */
  async open(version: string, header: SafetensorsHeader): Promise<NamedTensor[]> {
    const tensors: NamedTensor[] = [];
    try {
      const note = await this.#readNote();
      if (note?.version === version) {
        for (const [i, digest] of note.batches.entries()) {
          const bytes = await this.#store.get(partKey(this.#digest, i));
          if (!bytes || (await sha256(bytes)) !== digest) throw new Error('A batch is not whole.');
          tensors.push(...readTensorFile(bytes).tensors);
        }
        if (tensors.every(({ name }) => header.entries.has(name))) {
          this.#note = note;
          return tensors;
        }
      }
    } catch {
      // It is fetched again.
    }
    await this.drop();
    this.#note = { version, batches: [] };
    return [];
  }

  async keep(tensor: NamedTensor): Promise<void> {
    if (!this.#note) return;
    this.#waiting.push(tensor);
    this.#waitingBytes += tensor.bytes.length;
    if (this.#waitingBytes < this.#batchBytes) return;
    try {
      const batch = writeSafetensors(this.#waiting);
      this.#waiting = [];
      this.#waitingBytes = 0;
      await this.#store.set(partKey(this.#digest, this.#note.batches.length), batch);
      this.#note.batches.push(await sha256(batch));
      await this.#store.set(partKey(this.#digest), new TextEncoder().encode(JSON.stringify(this.#note)));
    } catch {
      // There is no room. The download can be finished, but a later visit cannot go on with it.
      await this.drop();
    }
  }

  /** Deletes everything that is kept of this download. */
  async drop(): Promise<void> {
    this.#note = undefined;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const sizes = await this.#store.sizes().catch(() => new Map<string, number>());
    const own = [...sizes.keys()].filter((key) => this.owns(key));
    for (const key of own) await this.#store.delete(key).catch(() => {});
  }

  /** Whether it is kept under this key of the store, all of it or a batch. */
  owns(key: string): boolean {
    return isPartOf(key, this.#digest);
  }

  async #readNote(): Promise<Note | undefined> {
    const bytes = await this.#store.get(partKey(this.#digest));
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Note);
  }
}
