import type { DeviceInfo, Latent, Progress, ReadHints, Scale } from '../../client';
import type { Mode } from '../../element';
import { doubtLatent } from '../../latent/doubts/doubt-latent';
import { restoreResults } from '../keep/kept-results';
import { nameChoice, nameSides } from '../text/name-sides';
import type { Choice, SideId } from './choice';
import { Choosing } from './choosing/choosing';
import { Discard, type Places } from './discard';
import { createItem, type Item, isBusy, type Outcome } from './item';
import { ItemList } from './item-list';
import { ModelShelf } from './model-shelf';
import { itemOf, type NewFile } from './new-file';
import type { PageNotice } from './notices';
import { offerFactor } from './offer-factor';
import { QueueReader } from './read/queue-reader';
import { loadReference } from './read/reference';
import { dropRuns, freeOldResults, queueRuns } from './run/memory';
import { Pace } from './run/pace';
import { type Queue, Runner } from './run/runner';
import { showResultInQueue } from './run/thumbnail';
import type { UpscalerHost } from './upscaler-host';

/** How two pictures are looked at. */
export interface ViewChoices {
  mode: Mode;
  loupe: boolean;
  /** The left half shows the reference, where there is one. */
  reference: boolean;
  measures: boolean;
}

export interface PageEvents {
  /** Anything that is shown has changed. */
  change: Event;
  /** Something to read out; the text is in `detail`. */
  announce: CustomEvent<string>;
  /** The list of models is asked for. */
  models: Event;
}

/** The page's state: the queue of latents, what is selected, what runs. Elements read it and call its verbs. */
export class PageState extends EventTarget {
  device: DeviceInfo | undefined;
  notices: readonly PageNotice[] = [];
  readonly engine: UpscalerHost;
  readonly reader: UpscalerHost;
  readonly shelf: ModelShelf;
  /** Stays from one file to the next. */
  view: ViewChoices = { mode: 'swipe', loupe: false, reference: false, measures: false };
  readonly #list = new ItemList();
  readonly #runner: Runner;
  readonly #reading: QueueReader;
  readonly #choosing: Choosing;
  readonly #discard: Discard;
  /** Items that something is being made of. */
  readonly #kept: (readonly Item[])[] = [];

  /**
   * @param engine enlarges
   * @param reader reads, previews and writes files and lists models, in a worker of its own: on WebAssembly the
   * engine's worker cannot answer while a tile is computed
   */
  constructor(engine: UpscalerHost, reader: UpscalerHost, scale: Scale) {
    super();
    this.engine = engine;
    this.reader = reader;
    this.shelf = new ModelShelf(reader);
    this.shelf.addEventListener('forgotten', (event) => this.#forget((event as CustomEvent<string>).detail));
    const queue: Queue = {
      order: () => this.#list.order,
      changed: () => this.#changed(),
      passes: (item, side) => this.#choosing.passes(item, side),
      done: (item, side, outcome) => this.#finish(item, side, outcome),
      failed: (item, { choice, scale, error }) =>
        this.announce(`${item.name}, ${nameChoice(choice, scale, this.shelf)}: ${error.message}`),
    };
    this.#reading = new QueueReader(
      { reader, engine },
      {
        has: (item) => this.items.includes(item),
        changed: () => this.#changed(),
        announce: (text) => this.announce(text),
        warn: (item, code, message) => this.notify({ code, message, item }),
        adopted: (item) => void this.#begin(item),
        spread: (first, latents) => this.#spread(first, latents),
      },
    );
    this.#runner = new Runner(engine, queue, Pace.open());
    this.#choosing = new Choosing(scale, this.shelf, {
      stop: (item, sides) => this.#runner.stop(item, sides),
      run: (item) => this.run(item),
    });
    this.#discard = new Discard({
      items: () => this.items,
      takeOut: (item) => this.#takeOut(item),
      free: (item) => this.#drop(item),
      putBack: (places) => this.#putBack(places),
      notify: (notice, again) => this.notify(notice, again),
      announce: (text) => this.announce(text),
      dismiss: (notice) => this.dismiss(notice),
      shows: (notice) => this.notices.includes(notice),
    });
  }

  get items(): readonly Item[] {
    return this.#list.items;
  }

  get selected(): Item | undefined {
    return this.#list.selected;
  }

  /** Runs what was read, unless it is there from before. */
  async #begin(item: Item): Promise<void> {
    const asked = item.scale;
    this.#choosing.begin(item);
    if (item.latent && item.scale !== asked) this.notify(offerFactor(this, item, item.latent, asked));
    this.#sayDoubt(item);
    // The inspector takes the names of the models and their factors from it.
    if (!this.shelf.models) void this.#readShelf();
    if (item.resultsBefore.length) {
      await restoreResults(item);
      showResultInQueue(item);
    }
    this.run(item);
  }

  /** What was doubtful of an earlier reading is of the past. */
  #sayDoubt(item: Item): void {
    this.notices = this.notices.filter(
      (notice) => notice.item !== item || !notice.code.startsWith('doubtful-'),
    );
    const doubt = item.latent && doubtLatent(item.latent);
    if (!doubt) return;
    const choose = doubt.code === 'doubtful-family' ? ' If you know the family, choose it.' : '';
    this.notify({ code: doubt.code, message: `${item.name}: ${doubt.message}${choose}`, item });
  }

  /** Puts files at the end of the queue, selects the first of them and starts reading. */
  add(files: readonly NewFile[]): readonly Item[] {
    const items = files.map((file) => itemOf(file, this.#choosing.scale));
    if (!items.length) return items;
    // An address that was refused is of the past when something opens; one that may be fetched is not.
    this.notices = this.notices.filter(({ code, action }) => code !== 'address' || action);
    this.#list.append(items);
    this.select(items[0]!);
    for (const item of items) void this.#reading.start(item);
    return items;
  }

  select(item: Item): void {
    this.#list.selected = item;
    this.#changed();
    this.#runner.pump();
  }

  /** Shows the welcome with its samples again; the queue stays and goes on. */
  deselect(): void {
    this.#list.selected = undefined;
    this.#changed();
  }

  /** Selects the entry `step` places further on. */
  selectNext(step: number): void {
    const next = this.#list.neighbour(step);
    if (next) this.select(next);
  }

  remove(item: Item): void {
    this.#takeOut(item);
    this.#drop(item);
  }

  /** Forgets what belongs to an entry that will not come back. */
  #drop(item: Item): void {
    dropRuns(item);
    this.notices = this.notices.filter((notice) => notice.item !== item);
  }

  #takeOut(item: Item): void {
    this.#reading.stop(item);
    this.#runner.stop(item);
    this.#list.remove(item);
    this.#changed();
    this.#runner.pump();
  }

  /** Removes entries as a person does: for a while they can be put back. */
  discard(items: readonly Item[]): void {
    this.#discard.remove(items);
  }

  /** Puts back what was removed, while that is offered. */
  undoRemoval(): void {
    this.#discard.undo();
  }

  /**
   * Reads the file again with what the person knows better, and runs it again. What was read before is shown until
   * then, and again if this cannot be read.
   */
  reread(item: Item, hints: ReadHints): void {
    this.#runner.stop(item);
    item.hints = { ...item.hints, ...hints };
    item.reading = true;
    item.error = undefined;
    void this.#reading.start(item);
  }

  /** Tries once more what could not be read. */
  retryRead(item: Item): void {
    this.reread(item, item.failedHints ?? {});
  }

  /** The factor of the item, and of the files that come after it. */
  setScale(item: Item, scale: Scale): void {
    this.#forgetFactor(item);
    this.#choosing.setScale(item, scale);
  }

  /** Chooses the models of a side, and runs it with them; the picture that is there stays until then. */
  choose(item: Item, side: SideId, choice: Choice): void {
    this.#forgetFactor(item);
    this.#choosing.choose(item, side, choice);
  }

  /** That an entry began with another factor than was asked is of the past when a person chooses. */
  #forgetFactor(item: Item): void {
    this.notices = this.notices.filter((notice) => notice.item !== item || notice.code !== 'other-factor');
  }

  /** Changes how pictures are looked at. */
  setView(change: Partial<ViewChoices>): void {
    this.view = { ...this.view, ...change };
    this.#changed();
  }

  /**
   * A picture to measure the results by; without one, a photograph's own is back.
   * @throws LeapError `damaged-file`
   */
  async setReference(item: Item, file: File | undefined): Promise<void> {
    item.reference = file
      ? await loadReference(file, file.name, true)
      : await this.#reading.loadOriginal(item);
    this.#changed();
  }

  /** Runs whatever of the item is not done yet. */
  run(item: Item): void {
    queueRuns(item);
    this.#changed();
    this.#runner.pump();
  }

  /** Goes on with entries that were stopped, also while they were read. */
  runAll(items: readonly Item[]): void {
    for (const item of items) {
      if (item.latent) this.run(item);
      else this.retryRead(item);
    }
  }

  /** Tries again what went wrong on any side, with what was chosen for it then. */
  retry(item: Item): void {
    this.#choosing.retry(item);
  }

  /** Stops what runs and what waits; does nothing when nothing does. */
  cancel(item: Item): void {
    if (!isBusy(item)) return;
    this.#reading.stop(item);
    this.#runner.stop(item);
    this.announce(`${item.name}: cancelled.`);
    this.#runner.pump();
  }

  /** Stops everything that runs and waits, in the whole queue. */
  cancelAll(): void {
    const busy = this.items.filter(isBusy);
    for (const item of busy) {
      this.#reading.stop(item);
      this.#runner.stop(item);
    }
    if (busy.length) this.announce('Everything is cancelled.');
  }

  /** Asks the page to show the list of models. */
  showModels(): void {
    this.dispatchEvent(new Event('models'));
  }

  dismiss(notice: PageNotice): void {
    this.notices = this.notices.filter((other) => other !== notice);
    this.#changed();
  }

  /**
   * Shows a notice once; the same words about the same thing are one notice, and are said once for all entries.
   * @param again it was read out before
   */
  notify(notice: PageNotice, again = false): void {
    const { message, about, item } = notice;
    const alike = this.notices.filter((other) => other.message === message && other.about === about);
    if (alike.some((other) => other.item === item)) return;
    this.notices = [...this.notices, notice];
    if (!alike.length && !again) this.announce(message);
    this.#changed();
  }

  showProgress(progress: Progress): void {
    this.#runner.showProgress(progress);
  }

  /** Finished pictures are there; what was under way goes on. */
  #putBack(places: Places): void {
    this.#list.putBack(places);
    this.select(places[0]!.item);
    for (const { item, busy } of places) {
      if (!busy) continue;
      if (item.latent && !item.reading) this.run(item);
      else void this.#reading.start(item);
    }
  }

  /** The other latents of a batch become entries of their own, in order. */
  #spread(first: Item, latents: readonly Latent[]): readonly Item[] {
    const rest = latents.map((latent) =>
      createItem(
        first.name,
        first.input,
        { ...first.hints, item: latent.provenance.item },
        this.#choosing.scale,
      ),
    );
    this.#list.insertAfter(first, rest);
    this.#changed();
    return rest;
  }

  #finish(item: Item, side: SideId, { report, source, choice }: Outcome): void {
    this.#choosing.keep(item, source.family, side, choice);
    showResultInQueue(item);
    const { backend, precision, adapter } = report;
    this.device = { backend, precision, adapter };
    this.#freeOldResults(item);
    this.announce(`${item.name}: ${nameSides(item, this.shelf)[side]} is ready.`);
  }

  /** Their finished pictures stay until the work is done, however many there are. */
  async keepWhile<T>(items: readonly Item[], work: () => Promise<T>): Promise<T> {
    this.#kept.push(items);
    try {
      return await work();
    } finally {
      this.#kept.splice(this.#kept.indexOf(items), 1);
      this.#freeOldResults();
      this.#changed();
    }
  }

  #freeOldResults(finished?: Item): void {
    freeOldResults(this.items, [finished, this.selected, ...this.#kept.flat()]);
  }

  #forget(id: string): void {
    this.#choosing.forget(this.items, id);
    this.#changed();
  }

  async #readShelf(): Promise<void> {
    await this.shelf.load();
    this.#changed();
  }

  /** Says something to those who listen instead of looking. */
  announce(text: string): void {
    this.dispatchEvent(new CustomEvent('announce', { detail: text }));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
