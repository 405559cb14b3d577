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
  /** @param again whether it was said before, and is not read out */
  notify(notice: PageNotice, again: boolean): void;
  announce(text: string): void;
  dismiss(notice: PageNotice): void;
  shows(notice: PageNotice): boolean;
}

/** Entries that were removed together. */
interface Removal {
  places: Places;
  timer?: ReturnType<typeof setTimeout>;
}

/** The offer to undo the last removal, and then the one before it. Finished pictures are kept as long as they can come back. */
export class Discard {
  readonly #queue: DiscardQueue;
  /** The last one last. */
  #removals: Removal[] = [];
  #notice: PageNotice | undefined;
  /** Somebody is at the notice. */
  #held = false;

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
    const removal: Removal = { places };
    this.#wait(removal);
    this.#removals.push(removal);
    this.#offer(false);
  }

  /** Puts back what was removed last, while that is offered. */
  undo(): void {
    this.#expireIfDismissed();
    const removal = this.#removals.pop();
    if (!removal) return;
    clearTimeout(removal.timer);
    this.#offer(true);
    this.#queue.putBack(removal.places);
    this.#queue.announce(`${nameThem(removal.places)} put back.`);
  }

  /** Says what would come back now, in the place of what was said before. */
  #offer(again: boolean): void {
    if (this.#notice) this.#queue.dismiss(this.#notice);
    this.#notice = undefined;
    this.#held = false;
    const last = this.#removals.at(-1);
    if (!last) return;
    const notice: PageNotice = {
      code: 'removed',
      message: `${nameThem(last.places)} removed.`,
      action: { label: 'Undo', run: () => this.undo() },
      hold: (held) => this.#hold(notice, held),
    };
    this.#notice = notice;
    this.#queue.notify(notice, again);
  }

  /** The time begins anew while somebody is at the offer, and when they have left it. */
  #wait(removal: Removal): void {
    clearTimeout(removal.timer);
    removal.timer = setTimeout(() => {
      if (this.#held && this.#isShown) this.#wait(removal);
      else this.#expire([removal]);
    }, UNDO_MS);
  }

  #hold(notice: PageNotice, held: boolean): void {
    if (this.#notice !== notice) return;
    this.#held = held;
    if (!held) for (const removal of this.#removals) this.#wait(removal);
  }

  get #isShown(): boolean {
    return this.#notice !== undefined && this.#queue.shows(this.#notice);
  }

  /** Whoever has put the offer away does not want those back. */
  #expireIfDismissed(): void {
    if (!this.#isShown) this.#expire(this.#removals);
  }

  #expire(over: readonly Removal[]): void {
    const last = this.#removals.at(-1);
    for (const { places, timer } of over) {
      clearTimeout(timer);
      for (const { item } of places) this.#queue.free(item);
    }
    this.#removals = this.#removals.filter((removal) => !over.includes(removal));
    if (this.#removals.at(-1) !== last) this.#offer(true);
  }
}

/** 'a.latent was', or '3 entries were'. */
function nameThem(places: Places): string {
  return places.length === 1 ? `${places[0]!.item.name} was` : `${places.length} entries were`;
}
