import type { Item } from './item';
import type { PageNotice } from './notices';

/** How long a removal can be undone, in milliseconds. */
const UNDO_MS = 15_000;

/** Entries with where they stood in the queue. */
export type Places = readonly { item: Item; index: number }[];

/** What removing needs of the queue. */
export interface DiscardQueue {
  items(): readonly Item[];
  remove(item: Item): void;
  putBack(places: Places): void;
  notify(notice: PageNotice): void;
  dismiss(notice: PageNotice): void;
}

/** The offer to undo the last removal. */
export class Discard {
  readonly #queue: DiscardQueue;
  #notice: PageNotice | undefined;

  constructor(queue: DiscardQueue) {
    this.#queue = queue;
  }

  /** Removes entries as a person does, who may have meant another: for a while they can be put back. */
  remove(items: readonly Item[]): void {
    if (!items.length) return;
    const queue = this.#queue;
    const places = items.map((item) => ({ item, index: queue.items().indexOf(item) }));
    for (const item of items) queue.remove(item);
    const message =
      items.length === 1 ? `${items[0]!.name} was removed.` : `${items.length} entries were removed.`;
    const undo = () => {
      queue.dismiss(notice);
      queue.putBack(places);
    };
    const notice: PageNotice = { code: 'removed', message, action: { label: 'Undo', run: undo } };
    if (this.#notice) queue.dismiss(this.#notice);
    this.#notice = notice;
    queue.notify(notice);
    setTimeout(() => queue.dismiss(notice), UNDO_MS);
  }
}
