import { type Latent, LeapError, type Progress, type ReadHints } from '../../../client';
import { toLeapError } from '../../../errors';
import { SNIFF_BYTES, sniffPicture } from '../../../picture';
import { type Item, isPicture } from '../item';
import { findCheckpoint, makePreviews, type Readers, readItem } from './read-item';
import { loadReference } from './reference';

/** What the reader needs of the queue, and what it tells it. */
export interface ReaderQueue {
  has(item: Item): boolean;
  changed(): void;
  announce(text: string): void;
  /** Something of what was read is lost. */
  warn(item: Item, code: string, message: string): void;
  /** The item has a latent, and another one than before. */
  adopted(item: Item): void;
  /** A batch: makes entries of its other latents. */
  spread(first: Item, latents: readonly Latent[]): readonly Item[];
}

/** Reads the files of the queue. What was read before stays until there is something new, and if there is not. */
export class QueueReader {
  readonly #readers: Readers;
  readonly #queue: ReaderQueue;
  /** Ends the reading that is under way. */
  readonly #underWay = new WeakMap<Item, AbortController>();

  constructor(readers: Readers, queue: ReaderQueue) {
    this.#readers = readers;
    this.#queue = queue;
  }

  async start(item: Item): Promise<void> {
    const { hints } = item;
    this.stop(item);
    const abort = new AbortController();
    this.#underWay.set(item, abort);
    this.#queue.changed();
    try {
      await nameType(item);
      if (isPicture(item) && !item.reference) void this.#showOriginal(item);
      item.checkpoint = await findCheckpoint(item, this.#readers.reader);
      if (item.checkpoint) throw new LeapError('not-a-latent', 'This is a model, not a latent.');
      const latents = await readItem(item, this.#readers, {
        signal: abort.signal,
        onProgress: (progress) => this.#note(item, progress, abort.signal),
      });
      const wanted = latents.find((one) => one.provenance.item === (hints.item ?? 0)) ?? latents[0]!;
      const rest = hints.item === undefined ? latents.filter((one) => one !== wanted) : [];
      if (!this.#isCurrent(item, hints, abort)) return;
      await this.#adopt(item, wanted, hints);
      if (this.#isCurrent(item, hints, abort)) await this.#adoptRest(item, rest);
    } catch (thrown) {
      if (this.#isCurrent(item, hints, abort)) this.#fail(item, toLeapError(thrown));
    }
  }

  stop(item: Item): void {
    this.#underWay.get(item)?.abort();
  }

  /** The photograph to compare with, where the item was made from one. @throws LeapError `damaged-file` */
  async loadOriginal(item: Item): Promise<Item['reference']> {
    return isPicture(item) ? loadReference(item.input as Blob, 'Original', false) : undefined;
  }

  /** Progress travels on another port than the result, and may come after it. */
  #note(item: Item, progress: Progress, signal: AbortSignal): void {
    if (signal.aborted || !item.reading) return;
    item.encoding = progress;
    this.#queue.changed();
  }

  /** Takes the latent in, unless the item was removed or read anew with other hints meanwhile. */
  async #adopt(item: Item, latent: Latent, hints: ReadHints): Promise<void> {
    if (!this.#isCurrent(item, hints)) return;
    const previews = await makePreviews(latent, this.#readers.reader);
    if (!this.#isCurrent(item, hints)) return;
    item.previews = previews;
    item.latent = latent;
    item.readHints = hints;
    item.reading = false;
    item.error = undefined;
    item.encoding = undefined;
    item.failedHints = undefined;
    const [channels, height, width] = latent.dims;
    this.#queue.announce(`${item.name}: read, ${width} × ${height} positions of ${channels} channels.`);
    this.#queue.adopted(item);
  }

  /** A batch that is read anew has its other entries already. */
  async #adoptRest(first: Item, latents: readonly Latent[]): Promise<void> {
    if (first.spread || !latents.length) return;
    first.spread = true;
    const rest = this.#queue.spread(first, latents);
    for (const [index, item] of rest.entries()) {
      const { hints } = item;
      // One that fails must not leave the others waiting.
      await this.#adopt(item, latents[index]!, hints).catch((thrown) => {
        if (this.#isCurrent(item, hints)) this.#fail(item, toLeapError(thrown));
      });
    }
  }

  #fail(item: Item, error: LeapError): void {
    const { readHints } = item;
    item.reading = false;
    item.encoding = undefined;
    // What was stopped while there is an earlier reading went as it should.
    if (!readHints || error.code !== 'cancelled') {
      item.error = error;
      this.#queue.announce(`${item.name}: ${error.message}`);
    }
    if (readHints) {
      item.failedHints = item.hints;
      item.hints = readHints;
    }
    this.#queue.changed();
  }

  /** The photograph is kept to compare with. What is lost of it is said. */
  async #showOriginal(item: Item): Promise<void> {
    const original = await this.loadOriginal(item).catch(() => undefined);
    if (!original) return;
    item.reference ??= original;
    if (original.transparent) {
      const message = `${item.name} is transparent in places. These were laid on white, so the results are not transparent.`;
      this.#queue.warn(item, 'transparent', message);
    }
    this.#queue.changed();
  }

  /** @param abort of a reading: an entry that was removed and put back is read anew, with the same hints */
  #isCurrent(item: Item, hints: ReadHints, abort?: AbortController): boolean {
    const isLast = abort === undefined || this.#underWay.get(item) === abort;
    return isLast && item.hints === hints && this.#queue.has(item);
  }
}

/** A picture that came without a type is one by its first bytes: pictures are encoded elsewhere than latents are read. */
async function nameType(item: Item): Promise<void> {
  const { input, name } = item;
  if (!(input instanceof Blob) || input.type !== '') return;
  const type = sniffPicture(new Uint8Array(await input.slice(0, SNIFF_BYTES).arrayBuffer()));
  if (type && item.input === input) item.input = new File([input], name, { type });
}
