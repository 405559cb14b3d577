import { createStore, del, delMany, get, keys, set } from 'idb-keyval';
import type { ReadHints, Scale } from '../../client';
import type { Choices } from '../state/choice';
import type { Item, KeptResult, Outcome } from '../state/item';
import { finishedSides, packResult } from './kept-results';
import { listOpenTabs, nameTab } from './name-tab';

/** One entry of the queue as it is kept: what the person gave and chose, and what was finished of it. */
export interface KeptItem {
  name: string;
  input: Blob;
  hints: ReadHints;
  scale: Scale;
  /** Undefined where it was not read yet. */
  choices: Choices | undefined;
  spread: boolean;
  results: readonly KeptResult[];
}

/** Files and pictures lie under keys of their own: a changed choice must not write them again. */
interface KeptQueue {
  savedAt: number;
  items: (Omit<KeptItem, 'input' | 'results'> & { file: string; results: string[] })[];
}

/** What is kept under a key of its own: a file, a picture, or one of an earlier visit. */
type Thing = Blob | Outcome | KeptResult;

/** @returns whether there is room for it */
type Take = (thing: Thing, bytes: number) => boolean;

/** Nobody comes back for older work. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;
/** The share that is used of what the browser still allows; models need room too. */
const QUOTA_SHARE = 0.25;

/** The queue of this tab, kept in IndexedDB so that a reload does not lose it. Where nothing can be kept, nothing is. */
export class KeptWork {
  readonly #store = createStore('latent-leap-work', 'queues');
  readonly #name = nameTab();
  /** Under which keys files and pictures are kept already, and how many bytes each takes. */
  readonly #kept = new Map<Thing, { key: string; bytes: number }>();
  #saving: Promise<void> = Promise.resolve();

  /** What this tab held before it was loaded again. */
  async load(): Promise<readonly KeptItem[]> {
    try {
      await this.#forgetOld();
      const queue = await get<KeptQueue>(await this.#name, this.#store);
      const files = new Map<string, Promise<Blob | undefined>>();
      const items: KeptItem[] = [];
      for (const { file, results = [], ...rest } of queue?.items ?? []) {
        if (!files.has(file)) files.set(file, get<Blob>(file, this.#store));
        const input = await files.get(file);
        if (!input) continue;
        this.#kept.set(input, { key: file, bytes: input.size });
        items.push({ ...rest, input, results: await this.#loadResults(results) });
      }
      return items;
    } catch {
      return [];
    }
  }

  async #loadResults(names: readonly string[]): Promise<KeptResult[]> {
    const found: KeptResult[] = [];
    for (const key of names) {
      const result = await get<KeptResult>(key, this.#store);
      if (!result) continue;
      // Once shown it is another outcome, which is kept anew.
      this.#kept.set(result, { key, bytes: sizeOf(result) });
      found.push(result);
    }
    return found;
  }

  /**
   * Keeps what has files and fits. Files that could not be read and models are left out. Calls are done one after the
   * other.
   * @param offered what {@link load} gave and nobody has brought back or declined yet; it is kept before the items
   */
  save(items: readonly Item[], offered: readonly KeptItem[] = []): Promise<void> {
    this.#saving = this.#saving
      .then(() => this.#write(items.filter(isWorthKeeping), offered))
      .catch((reason) => console.warn('The queue could not be kept for a reload.', reason));
    return this.#saving;
  }

  /** Files first: without them a picture is of no use. */
  async #write(items: readonly Item[], offered: readonly KeptItem[]): Promise<void> {
    const tab = await this.#name;
    const keptBytes = [...this.#kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const room = await measureRoom(keptBytes);
    const used = new Set<Thing>();
    const take: Take = (thing, bytes) => {
      if (used.has(thing)) return true;
      if (bytes > room.bytes) return false;
      room.bytes -= bytes;
      used.add(thing);
      return true;
    };
    const before = offered.filter(({ input }) => take(input, input.size));
    const fitting = items.flatMap((item) =>
      item.input instanceof Blob && take(item.input, item.input.size) ? [{ item, input: item.input }] : [],
    );
    // What was chosen does not wait for pictures that have to be encoded first.
    for (const pack of [false, true]) {
      const kept: KeptQueue['items'] = [];
      for (const { input, results, ...rest } of before) {
        const file = await this.#keep(input, input.size, input);
        kept.push({ ...rest, file, results: this.#keysOf(results, take) });
      }
      for (const { item, input } of fitting) {
        const { name, hints, scale, choices, spread, latent } = item;
        const file = await this.#keep(input, input.size, input);
        const rest = { name, hints, scale, choices: latent && choices, spread };
        kept.push({ ...rest, file, results: await this.#keepResults(item, take, pack) });
      }
      if (kept.length) await set(tab, { savedAt: Date.now(), items: kept }, this.#store);
      else await del(tab, this.#store);
    }
    for (const [thing, { key }] of this.#kept) {
      if (used.has(thing)) continue;
      this.#kept.delete(thing);
      await del(key, this.#store);
    }
  }

  /** Pictures that nobody has brought back lie where they were. */
  #keysOf(results: readonly KeptResult[], take: Take): string[] {
    return results.flatMap((result) => {
      const known = this.#kept.get(result);
      return known && take(result, known.bytes) ? [known.key] : [];
    });
  }

  /** @param pack those, too, that are not kept yet */
  async #keepResults(item: Item, take: Take, pack: boolean): Promise<string[]> {
    const found: string[] = [];
    for (const { side, outcome } of finishedSides(item)) {
      const known = this.#kept.get(outcome);
      if (known) {
        if (take(outcome, known.bytes)) found.push(known.key);
        continue;
      }
      if (!pack) continue;
      // It may have been replaced meanwhile.
      const packed = await packResult(side, outcome).catch(() => undefined);
      if (!packed) continue;
      const bytes = sizeOf(packed);
      if (take(outcome, bytes)) found.push(await this.#keep(outcome, bytes, packed));
    }
    return found;
  }

  async #keep(thing: Blob | Outcome, bytes: number, value: Blob | KeptResult): Promise<string> {
    const known = this.#kept.get(thing);
    if (known) return known.key;
    const key = `${await this.#name}/${crypto.randomUUID()}`;
    await set(key, value, this.#store);
    this.#kept.set(thing, { key, bytes });
    return key;
  }

  /**
   * Forgets the work of other tabs that nobody has come back to, and files of a tab that ended before it noted them. A tab
   * that is open needs its own, however long it has been idle.
   */
  async #forgetOld(): Promise<void> {
    const open = await listOpenTabs();
    const all = (await keys<string>(this.#store)).map(String);
    const tabs = new Set(all.map((key) => key.split('/')[0]!));
    for (const tab of tabs) {
      if (open?.has(tab)) continue;
      const queue = await get<KeptQueue>(tab, this.#store);
      const isOld = queue ? Date.now() - queue.savedAt >= MAX_AGE_MS : open !== undefined;
      if (isOld) await delMany([tab, ...all.filter((key) => key.startsWith(`${tab}/`))], this.#store);
    }
  }
}

/** What is still being read may become a latent. */
function isWorthKeeping({ checkpoint, error, latent }: Item): boolean {
  return !checkpoint && (latent !== undefined || !error);
}

/** @param kept bytes of this tab that are kept already: they are a part of what the browser counts as used */
async function measureRoom(kept: number): Promise<{ bytes: number }> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate()) ?? {};
  return { bytes: (quota - usage + kept) * QUOTA_SHARE };
}

function sizeOf({ picture, latent }: KeptResult): number {
  return picture.size + latent.data.byteLength;
}
