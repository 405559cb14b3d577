import { clear, delMany, get, getMany, keys, setMany, type UseStore } from 'idb-keyval';
import { LeapError } from '../../errors';
import { allocate } from '../allocate';
import type { WeightsStore } from '../types';
import { openDatabase } from './open-database';
import { toQuotaError } from './quota-error';

/** Browsers fail on single values of some hundred MB. */
const CHUNK_BYTES = 64 * 1024 * 1024;
const DATABASE = 'latent-leap-weights';

/** What lies under a weights key; the bytes are under the keys of {@link chunkKeys}. */
interface Entry {
  bytes: number;
  chunks: number;
}

export interface IdbStoreOptions {
  /** Name of the IndexedDB database. */
  database?: string;
  /** Largest value to store, in bytes. */
  chunkBytes?: number;
  /** Milliseconds after which a database that does not open is done without. */
  patience?: number;
}

/** Keeps weights in IndexedDB as Blobs. Opened on first use; where there is no IndexedDB, every method rejects. */
export function createIdbStore({
  database = DATABASE,
  chunkBytes = CHUNK_BYTES,
  patience,
}: IdbStoreOptions = {}): WeightsStore {
  const store = openDatabase(database, patience);
  return {
    async get(key) {
      const entry = await get<Entry>(key, store);
      return entry && readChunks(key, entry, await getMany<unknown>(chunkKeys(key, entry.chunks), store));
    },

    async set(key, bytes) {
      const chunks = Math.ceil(bytes.length / chunkBytes);
      const entry: Entry = { bytes: bytes.length, chunks };
      const values = chunkKeys(key, chunks).map((name, i): [string, Blob] => {
        const part = bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes);
        return [name, new Blob([part as Uint8Array<ArrayBuffer>])];
      });
      // One transaction stores all of it or nothing.
      await setMany([...values, [key, entry]], store).catch((thrown) => {
        throw toQuotaError(thrown);
      });
    },

    async has(key) {
      return (await get<Entry>(key, store)) !== undefined;
    },

    async delete(key) {
      const own = (await listKeys(store)).filter((name) => name === key || name.startsWith(`${key}#`));
      await delMany(own, store);
    },

    async sizes() {
      const names = (await listKeys(store)).filter((name) => !name.includes('#'));
      const entries = await getMany<Entry>(names, store);
      return new Map(names.map((name, i) => [name, entries[i]?.bytes ?? 0]));
    },

    clear: () => clear(store),
  };
}

function chunkKeys(key: string, chunks: number): string[] {
  return Array.from({ length: chunks }, (_, i) => `${key}#${i}`);
}

async function listKeys(store: UseStore): Promise<string[]> {
  return (await keys(store)).map(String);
}

/** @throws LeapError `damaged-file` */
async function readChunks(key: string, entry: Entry, chunks: unknown[]): Promise<Uint8Array> {
  const bytes = allocate(entry.bytes);
  let end = 0;
  for (const chunk of chunks) {
    if (!(chunk instanceof Blob) || end + chunk.size > bytes.length) throw damaged(key);
    // The file behind a Blob can be lost while the entry is still there.
    const part = await chunk.arrayBuffer().catch((cause) => {
      throw damaged(key, cause);
    });
    bytes.set(new Uint8Array(part), end);
    end += part.byteLength;
  }
  if (end !== bytes.length) throw damaged(key);
  return bytes;
}

function damaged(key: string, cause?: unknown): LeapError {
  return new LeapError('damaged-file', 'A stored model is not whole.', { key }, { cause });
}
