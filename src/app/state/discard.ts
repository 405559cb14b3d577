import { type Item, isBusy } from './item';
import type { PageNotice } from './notices';

/** How long a removal can be undone, in milliseconds; longer while somebody is at the offer. */
const UNDO_MS = 60_000;

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
    this.#expireIfDismissed();
    const removals = [...(this.#close()?.removals ?? []), places];
    const all = removals.flat();
    const message =
      all.length === 1 ? `${all[0]!.item.name} was removed.` : `${all.length} entries were removed.`;
    const notice: PageNotice = {
      code: 'removed',
      message,
      action: { label: 'Undo', run: () => this.undo() },
      hold: (held) => this.#hold(notice, held),
    };
    this.#offer = { removals, notice, timer: this.#start() };
    queue.notify(notice);
  }

  #start(): Offer['timer'] {
    return setTimeout(() => this.#expire(), UNDO_MS);
  }

  /** The time begins anew when whoever was at the offer has left it. */
  #hold(notice: PageNotice, held: boolean): void {
    if (this.#offer?.notice !== notice) return;
    clearTimeout(this.#offer.timer);
    if (!held) this.#offer.timer = this.#start();
  }

  /** Whoever has put the offer away does not want those back. */
  #expireIfDismissed(): void {
    if (this.#offer && !this.#queue.shows(this.#offer.notice)) this.#expire();
  }

  #close(): Offer | undefined {
    const offer = this.#offer;
    this.#offer = undefined;
    if (!offer) return undefined;
    clearTimeout(offer.timer);
    this.#queue.dismiss(offer.notice);
    return offer;
  }

  /** Puts back what was removed, while that is offered. The last removal first: its places are those of the queue that it left. */
  undo(): void {
    this.#expireIfDismissed();
    for (const places of this.#close()?.removals.toReversed() ?? []) this.#queue.putBack(places);
  }

  #expire(): void {
    for (const { item } of this.#close()?.removals.flat() ?? []) this.#queue.free(item);
  }
}
