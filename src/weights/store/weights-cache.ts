import { LeapError } from '../../errors';
import { sha256 } from '../sha256';
import type { KnownFile, WeightsNotice, WeightsStore } from '../types';
import { createMemoryStore } from './memory-store';
import { isQuotaError } from './quota-error';

/** What is in the cache: its hash is its key; bytes: 0 where they are not known. */
type Stored = Pick<KnownFile, 'path' | 'bytes' | 'sha256'>;

const FULL =
  'The browser has no room to store all of the models. What is missing will be fetched again on the next visit.';

const REFUSED =
  'The browser does not let this page store models. They will be fetched again on the next visit.';
/** The store gave up waiting for its database. */
const BLOCKED =
  'Another tab is deleting the stored models and cannot finish, so they are fetched again and not stored. Close the other tabs of this page, then reload it.';

/**
 * The store for callers who only want their weights: reading and keeping never fail. What cannot be stored is kept in
 * memory. What is damaged counts as missing. A notice says so.
 */
export class WeightsCache {
  readonly #store: WeightsStore;
  readonly #memory = createMemoryStore();
  readonly #onNotice: (notice: WeightsNotice) => void;
  readonly #makeRoom: () => Promise<boolean>;
  /** A notice has said that the store does not open. */
  #refused = false;
  /** The store has refused a file for lack of room, and nothing was deleted since. */
  #full = false;

  /** @param makeRoom deletes something that can be spared. It returns false where nothing was deleted, or callers would ask for ever. */
  constructor(
    store: WeightsStore,
    onNotice: (notice: WeightsNotice) => void,
    makeRoom: () => Promise<boolean> = async () => false,
  ) {
    this.#store = store;
    this.#onNotice = onNotice;
    this.#makeRoom = makeRoom;
  }

  /** @returns the file's checked bytes; undefined when it has to be fetched */
  async read(file: Stored): Promise<Uint8Array | undefined> {
    const kept = await this.#memory.get(file.sha256);
    if (kept) return kept;
    try {
      const bytes = await this.#store.get(file.sha256);
      if (bytes && (await isWhole(bytes, file))) return bytes;
      if (!bytes) return undefined;
    } catch (thrown) {
      if (!(thrown instanceof LeapError) || thrown.code !== 'damaged-file') return this.#noStore(thrown);
    }
    this.#onNotice({
      code: 'damaged-entry',
      message: `The stored copy of ${file.path} was damaged and is being fetched again.`,
    });
    await this.#store.delete(file.sha256).catch(() => {});
    return undefined;
  }

  /** Stores bytes that were checked already. */
  async keep(file: Stored, bytes: Uint8Array): Promise<void> {
    try {
      await this.store(file, bytes);
    } catch {
      await this.#memory.set(file.sha256, bytes);
      // It is said once, because a model may have several files.
      if (!this.#full) this.#onNotice({ code: 'quota', message: FULL });
      this.#full = true;
    }
  }

  /**
   * Like `keep`, but for what cannot be fetched again.
   * @returns whether it is stored beyond this visit
   * @throws LeapError `quota`, and then nothing of it is kept
   */
  async store(file: Stored, bytes: Uint8Array): Promise<boolean> {
    try {
      await this.#setOrMakeRoom(file.sha256, bytes);
      await this.#memory.delete(file.sha256);
      return true;
    } catch (thrown) {
      if (isQuotaError(thrown)) throw thrown;
      await this.#memory.set(file.sha256, bytes);
      this.#noStore(thrown);
      return false;
    }
  }

  async #setOrMakeRoom(key: string, bytes: Uint8Array): Promise<void> {
    for (;;) {
      try {
        return await this.#store.set(key, bytes);
      } catch (thrown) {
        if (!isQuotaError(thrown) || !(await this.#makeRoom())) throw thrown;
      }
    }
  }

  /** Whether it is here, in the store or for as long as the page lives. */
  async has(key: string): Promise<boolean> {
    return (await this.#memory.has(key)) || this.#store.has(key).catch(() => false);
  }

  /** Stored bytes by sha256. */
  async sizes(): Promise<Map<string, number>> {
    return this.#store.sizes().catch(() => new Map());
  }

  /** @throws LeapError `internal` when the store does not delete it */
  async delete(key: string): Promise<void> {
    this.#full = false;
    await this.#memory.delete(key);
    await this.#deleteStored(() => this.#store.delete(key));
  }

  /**
   * @param spared keys of what stays
   * @throws LeapError `internal` when the store does not delete the rest
   */
  async clear(spared: ReadonlySet<string>): Promise<void> {
    await this.clearMemory(spared);
    await this.#deleteStored(async () => {
      if (spared.size === 0) return this.#store.clear();
      for (const key of (await this.sizes()).keys()) if (!spared.has(key)) await this.#store.delete(key);
    });
  }

  /** Deletes what is here only for as long as the page lives. */
  async clearMemory(spared: ReadonlySet<string>): Promise<void> {
    this.#full = false;
    for (const key of (await this.#memory.sizes()).keys())
      if (!spared.has(key)) await this.#memory.delete(key);
  }

  async #deleteStored(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      // A store that does not open holds nothing.
      if ((await this.sizes()).size === 0) return;
      throw new LeapError('internal', 'The browser could not delete stored models.', {}, { cause });
    }
  }

  /** @param cause what the store threw */
  #noStore(cause: unknown): undefined {
    if (!this.#refused) {
      const blocked = cause instanceof DOMException && cause.name === 'TimeoutError';
      this.#onNotice({ code: 'not-persistent', message: blocked ? BLOCKED : REFUSED });
    }
    this.#refused = true;
  }
}

/** A catalogue may leave a file's size out; its hash says everything. */
async function isWhole(bytes: Uint8Array, file: Stored): Promise<boolean> {
  const hasSize = file.bytes === 0 || bytes.length === file.bytes;
  return hasSize && (await sha256(bytes)) === file.sha256;
}
