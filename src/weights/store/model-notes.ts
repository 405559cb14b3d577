import { defined } from '../../defined';
import { JsonFields } from '../catalog/json-fields';
import { parseEntry } from '../catalog/parse-catalog';
import { sha256 } from '../sha256';
import type { CatalogEntry, WeightsStore } from '../types';
import { createMemoryStore } from './memory-store';
import { ADDED_ID, type NoteKind, noteKey, noteKindOf, noteNameOf } from './store-keys';

/** What was made of a hub's file. */
export interface HubRecord {
  /** sha256 of the stored copy, which is its key in the store. */
  digest: string;
  /** Bytes of the stored copy, and of the file at the hub. */
  bytes: number;
  fileBytes: number;
  /** Commit that the file was of, where the hub said it. */
  revision?: string;
  /** Milliseconds since 1970 when it was last loaded. */
  usedAt: number;
}

type ModelNoteKind = Exclude<NoteKind, 'catalog'>;

/**
 * What this machine knows beside the weights: what was made of which file, which models are pinned, which were added.
 * Each fact is a small JSON note of its own in the same store, so that two tabs never overwrite each other's. Where
 * nothing can be stored, the notes last as long as the page.
 */
export class ModelNotes {
  /** By file key. */
  readonly records = new Map<string, HubRecord>();
  readonly pins = new Set<string>();
  readonly added = new Map<string, CatalogEntry>();
  readonly #store: WeightsStore;
  readonly #memory = createMemoryStore();
  /** Nothing can be stored: what is noted is in memory only. */
  #volatile = false;
  /** Beginnings and ends of writing, and what is still being written. */
  #changes = 0;
  readonly #pending = new Set<Promise<void>>();

  constructor(store: WeightsStore) {
    this.#store = store;
  }

  /**
   * Reads what is noted by now; notes that make no sense are passed over.
   * @returns false where the store could not be listed: then what was known is still known
   */
  async refresh(): Promise<boolean> {
    let changes: number;
    let notes: [string, unknown][] | undefined;
    do {
      // A note that was made meanwhile must not be lost to an older state of the store.
      await Promise.all(this.#pending);
      changes = this.#changes;
      notes = await this.#readNotes();
    } while (changes !== this.#changes || this.#pending.size > 0);
    if (!notes) return false;
    this.records.clear();
    this.pins.clear();
    this.added.clear();
    for (const [key, note] of notes) {
      try {
        this.#take(key, note);
      } catch {
        // Another version wrote it, or it is damaged: it counts as missing.
      }
    }
    return true;
  }

  async #readNotes(): Promise<[string, unknown][] | undefined> {
    const store = this.#current();
    const sizes = await store.sizes().catch(() => undefined);
    if (!sizes) return undefined;
    return Promise.all(
      [...sizes.keys()]
        .filter(isModelNote)
        .map(async (key): Promise<[string, unknown]> => [key, await readNote(store, key)]),
    );
  }

  /**
   * What the store says about added models, as text. That includes what other tabs noted just now, and notes of other
   * versions that are not understood here.
   */
  async readAdded(): Promise<string> {
    const keys = [...(await this.#store.sizes()).keys()].filter((key) => noteKindOf(key) === 'added');
    const notes = await Promise.all(keys.map((key) => this.#store.get(key)));
    return notes.map((bytes) => new TextDecoder().decode(bytes)).join('\n');
  }

  async record(key: string, record: HubRecord): Promise<void> {
    this.records.set(key, record);
    await this.#change(async () => this.#write('record', await hash(key), { key, ...record }));
  }

  async forgetRecord(key: string): Promise<void> {
    this.records.delete(key);
    await this.#change(async () => this.#delete('record', await hash(key)));
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    if (pinned) {
      this.pins.add(id);
      await this.#change(() => this.#write('pin', id, { id }));
    } else {
      this.pins.delete(id);
      await this.#change(() => this.#delete('pin', id));
    }
  }

  /** Deletes the pins of added models that are gone: a store that failed may have kept them. */
  async forgetStrayPins(): Promise<void> {
    const sizes = await this.#store.sizes().catch(() => new Map<string, number>());
    const keys = new Set(sizes.keys());
    for (const key of keys) {
      if (noteKindOf(key) !== 'pin') continue;
      const id = noteNameOf(key);
      if (id.startsWith(ADDED_ID) && !keys.has(noteKey('added', id))) await this.pin(id, false);
    }
  }

  async add(entry: CatalogEntry): Promise<void> {
    this.added.set(entry.id, entry);
    await this.#change(() => this.#write('added', entry.id, entry));
  }

  async forget(id: string): Promise<void> {
    this.added.delete(id);
    await this.#change(() => this.#delete('added', id));
  }

  /** From now on everything is noted in memory only: two halves would contradict each other. */
  async keepInMemory(): Promise<void> {
    this.#volatile = true;
    await this.#copyToMemory();
  }

  #take(key: string, note: unknown): void {
    const fields = new JsonFields(note, key);
    const kind = noteKindOf(key);
    if (kind === 'pin') this.pins.add(fields.text('id'));
    else if (kind === 'added') {
      const entry = parseEntry(fields, undefined);
      this.added.set(entry.id, entry);
    } else {
      this.records.set(fields.text('key'), {
        digest: fields.sha256('digest'),
        bytes: fields.count('bytes'),
        fileBytes: fields.count('fileBytes'),
        ...defined({ revision: fields.optional('revision', (name) => fields.text(name)) }),
        usedAt: fields.count('usedAt'),
      });
    }
  }

  async #change(work: () => Promise<void>): Promise<void> {
    this.#changes++;
    const pending = work();
    this.#pending.add(pending);
    await pending.finally(() => {
      this.#changes++;
      this.#pending.delete(pending);
    });
  }

  async #write(kind: ModelNoteKind, name: string, note: object): Promise<void> {
    const key = noteKey(kind, name);
    const bytes = new TextEncoder().encode(JSON.stringify(note));
    await this.#current()
      .set(key, bytes)
      .catch(async () => {
        await this.#memory.set(key, bytes);
        await this.keepInMemory();
      });
  }

  async #copyToMemory(): Promise<void> {
    const sizes = await this.#store.sizes().catch(() => new Map<string, number>());
    for (const key of sizes.keys()) {
      if (!isModelNote(key) || (await this.#memory.has(key))) continue;
      const bytes = await this.#store.get(key).catch(() => undefined);
      if (bytes) await this.#memory.set(key, bytes);
    }
  }

  async #delete(kind: ModelNoteKind, name: string): Promise<void> {
    const key = noteKey(kind, name);
    await this.#memory.delete(key);
    // Delete it in the store even if nothing can be written there any more, or it would come back.
    await this.#store.delete(key).catch(() => {});
  }

  #current(): WeightsStore {
    return this.#volatile ? this.#memory : this.#store;
  }
}

function isModelNote(key: string): boolean {
  const kind = noteKindOf(key);
  return kind !== undefined && kind !== 'catalog';
}

function hash(key: string): Promise<string> {
  return sha256(new TextEncoder().encode(key));
}

async function readNote(store: WeightsStore, key: string): Promise<unknown> {
  try {
    const bytes = await store.get(key);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
