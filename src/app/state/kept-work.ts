import { createStore, del, delMany, get, keys, set } from 'idb-keyval';
import type { ReadHints, Scale } from '../../client';
import type { Choices } from './choice';
import type { Item } from './item';

/** One entry of the queue as it is kept: what the person gave and chose. Its pictures are made again from that. */
export interface KeptItem {
  name: string;
  input: Blob;
  hints: ReadHints;
  scale: Scale;
  /** Undefined where it was not read yet. */
  choices: Choices | undefined;
  spread: boolean;
}

/** Files lie under keys of their own: a changed choice must not write them again. */
interface KeptQueue {
  savedAt: number;
  items: (Omit<KeptItem, 'input'> & { file: string })[];
}

/** Nobody comes back for older work. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;
/** Of what the browser still allows; models need room too. */
const QUOTA_SHARE = 0.25;
const TAB_KEY = 'latent-leap-tab';

/** The queue of this tab, kept in IndexedDB so that a reload does not lose it. Where nothing can be kept, nothing is. */
export class KeptWork {
  readonly #store = createStore('latent-leap-work', 'queues');
  readonly #tab = nameTab();
  /** Under which keys files are kept already. */
  readonly #files = new Map<Blob, string>();
  #saving: Promise<void> = Promise.resolve();

  /** What this tab held before it was loaded again. */
  async load(): Promise<readonly KeptItem[]> {
    try {
      await this.#forgetOld();
      const queue = await get<KeptQueue>(this.#tab, this.#store);
      if (!queue) return [];
      const items: KeptItem[] = [];
      for (const { file, ...rest } of queue.items) {
        const known = [...this.#files].find(([, key]) => key === file)?.[0];
        const input = known ?? (await get<Blob>(file, this.#store));
        if (!input) continue;
        this.#files.set(input, file);
        items.push({ ...rest, input });
      }
      return items;
    } catch {
      return [];
    }
  }

  /** Keeps what has files and fits. Calls are done one after the other. */
  save(items: readonly Item[]): Promise<void> {
    this.#saving = this.#saving
      .then(async () => this.#write(await cutToQuota(items.flatMap(toKept))))
      .catch((reason) => console.warn('The queue could not be kept for a reload.', reason));
    return this.#saving;
  }

  async #write(kept: readonly KeptItem[]): Promise<void> {
    const items: KeptQueue['items'] = [];
    for (const { input, ...rest } of kept) items.push({ ...rest, file: await this.#keepFile(input) });
    if (items.length) await set(this.#tab, { savedAt: Date.now(), items }, this.#store);
    else await del(this.#tab, this.#store);
    const used = new Set(items.map(({ file }) => file));
    for (const [input, key] of this.#files) {
      if (used.has(key)) continue;
      this.#files.delete(input);
      await del(key, this.#store);
    }
  }

  async #keepFile(input: Blob): Promise<string> {
    const known = this.#files.get(input);
    if (known) return known;
    const key = `${this.#tab}/${crypto.randomUUID()}`;
    await set(key, input, this.#store);
    this.#files.set(input, key);
    return key;
  }

  /** Of other tabs that nobody has come back to. */
  async #forgetOld(): Promise<void> {
    const all = (await keys<string>(this.#store)).map(String);
    for (const tab of all.filter((key) => !key.includes('/'))) {
      const queue = await get<KeptQueue>(tab, this.#store);
      if (queue && Date.now() - queue.savedAt < MAX_AGE_MS) continue;
      await delMany([tab, ...all.filter((key) => key.startsWith(`${tab}/`))], this.#store);
    }
  }
}

function toKept({ name, input, hints, scale, choices, spread, latent }: Item): KeptItem[] {
  if (!(input instanceof Blob)) return [];
  return [{ name, input, hints, scale, choices: latent && choices, spread }];
}

/** The first of them, as far as there is room. Latents of one batch share one file. */
async function cutToQuota(items: readonly KeptItem[]): Promise<KeptItem[]> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate()) ?? {};
  const room = (quota - usage) * QUOTA_SHARE;
  const counted = new Set<Blob>();
  let bytes = 0;
  return items.filter(({ input }) => {
    const more = counted.has(input) ? 0 : input.size;
    if (bytes + more > room) return false;
    bytes += more;
    counted.add(input);
    return true;
  });
}

/** Stays the same when the tab is loaded again, and is another in every other tab. */
function nameTab(): string {
  try {
    const name = sessionStorage.getItem(TAB_KEY) ?? crypto.randomUUID();
    sessionStorage.setItem(TAB_KEY, name);
    return name;
  } catch {
    return crypto.randomUUID();
  }
}
