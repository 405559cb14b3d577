import { type Item, isBusy } from './item';
import type { PageNotice } from './notices';

/** How long a removal can be undone, in milliseconds. */
const UNDO_MS = 15_000;

/** Entries with where they stood in the queue, and whether anything of them was under way. */
export type Places = readonly { item: Item; index: number; busy: boolean }[];

/** What removing needs of the queue. */
export interface DiscardQueue {
  items(): readonly Item[];
  /** Stops an entry and takes it out of the queue, with its pictures. */
  takeOut(item: Item): void;
  putBack(places: Places): void;
  /** The pictures of an entry that will not come back. */
  free(item: Item): void;
  notify(notice: PageNotice): void;
  dismiss(notice: PageNotice): void;
}

/** The offer to undo the last removal. Finished pictures are kept as long as it stands. */
export class Discard {
  readonly #queue: DiscardQueue;
  #expire: (() => void) | undefined;

  constructor(queue: DiscardQueue) {
    this.#queue = queue;
  }

  /** Removes entries as a person does, who may have meant another: for a while they can be put back. */
  remove(items: readonly Item[]): void {
    if (!items.length) return;
    this.#expire?.();
    const queue = this.#queue;
    const places = items.map((item) => ({
      item,
      index: queue.items().indexOf(item),
      busy: item.reading || isBusy(item),
    }));
    for (const item of items) queue.takeOut(item);
    const close = () => {
      clearTimeout(timer);
      this.#expire = undefined;
      queue.dismiss(notice);
    };
    const expire = () => {
      close();
      for (const item of items) queue.free(item);
    };
    const undo = () => {
      close();
      queue.putBack(places);
    };
    const message =
      items.length === 1 ? `${items[0]!.name} was removed.` : `${items.length} entries were removed.`;
    const notice: PageNotice = { code: 'removed', message, action: { label: 'Undo', run: undo } };
    const timer = setTimeout(expire, UNDO_MS);
    this.#expire = expire;
    queue.notify(notice);
  }
}
