import { createStore, del, entries, get, set } from 'idb-keyval';
import type { ReadHints } from '../../client';
import type { Choices } from './choice';
import type { Factor, Item } from './item';

/** One entry of the queue as it is kept: what the person gave and chose. Its pictures are made again from that. */
export interface KeptItem {
  name: string;
  input: Blob;
  hints: ReadHints;
  scale: Factor;
  /** Undefined where it was not read yet. */
  choices: Choices | undefined;
  spread: boolean;
}

interface KeptQueue {
  savedAt: number;
  items: KeptItem[];
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
  #saving: Promise<void> = Promise.resolve();

  /** What this tab held before it was loaded again. */
  async load(): Promise<readonly KeptItem[]> {
    try {
      await this.#forgetOld();
      return (await get<KeptQueue>(this.#tab, this.#store))?.items ?? [];
    } catch {
      return [];
    }
  }

  /** Keeps what has files and fits. Calls are done one after the other. */
  save(items: readonly Item[]): Promise<void> {
    this.#saving = this.#saving
      .then(async () => {
        const kept = await cutToQuota(items.flatMap(toKept));
        if (kept.length) await set(this.#tab, { savedAt: Date.now(), items: kept }, this.#store);
        else await del(this.#tab, this.#store);
      })
      .catch((reason) => console.warn('The queue could not be kept for a reload.', reason));
    return this.#saving;
  }

  async #forgetOld(): Promise<void> {
    for (const [key, queue] of await entries<string, KeptQueue>(this.#store)) {
      if (Date.now() - queue.savedAt > MAX_AGE_MS) await del(key, this.#store);
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
