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
  shows(notice: PageNotice): boolean;
}

/** What was removed since an offer to undo it began to stand, the last removal last. */
interface Offer {
  removals: readonly Places[];
  notice: PageNotice;
  timer: ReturnType<typeof setTimeout>;
}

/** The offer to undo removals. Finished pictures are kept as long as it stands; a further removal joins it. */
export class Discard {
  readonly #queue: DiscardQueue;
  #offer: Offer | undefined;

  constructor(queue: DiscardQueue) {
    this.#queue = queue;
  }

  /** Removes entries as a person does, who may have meant another: for a while they can be put back. */
  remove(items: readonly Item[]): void {
    if (!items.length) return;
    const queue = this.#queue;
    const places = items.map((item) => ({
      item,
      index: queue.items().indexOf(item),
      busy: item.reading || isBusy(item),
    }));
    for (const item of items) queue.takeOut(item);
    // Whoever has put the offer away does not want those back.
    if (this.#offer && !queue.shows(this.#offer.notice)) this.#expire();
    const removals = [...(this.#close()?.removals ?? []), places];
    const all = removals.flat();
    const message =
      all.length === 1 ? `${all[0]!.item.name} was removed.` : `${all.length} entries were removed.`;
    const notice = { code: 'removed', message, action: { label: 'Undo', run: () => this.#undo() } };
    this.#offer = { removals, notice, timer: setTimeout(() => this.#expire(), UNDO_MS) };
    queue.notify(notice);
  }

  #close(): Offer | undefined {
    const offer = this.#offer;
    this.#offer = undefined;
    if (!offer) return undefined;
    clearTimeout(offer.timer);
    this.#queue.dismiss(offer.notice);
    return offer;
  }

  /** The last removal first: its places are those of the queue that it left. */
  #undo(): void {
    for (const places of this.#close()?.removals.toReversed() ?? []) this.#queue.putBack(places);
  }

  #expire(): void {
    for (const { item } of this.#close()?.removals.flat() ?? []) this.#queue.free(item);
  }
}
