import type { DeviceInfo, Latent, LatentInput, Method, Progress, ReadHints } from '../../client';
import { toLeapError } from '../../errors';
import { freeCanvas } from './canvases';
import {
  createItem,
  currentRun,
  type Factor,
  type Item,
  idleRun,
  itemState,
  METHOD_LABELS,
  METHODS,
  type Outcome,
} from './item';
import { dropRuns, freeOldResults } from './memory';
import type { PageNotice } from './notices';
import { makePreviews, readItem } from './read-item';
import { runSide } from './run-side';
import type { UpscalerHost } from './upscaler-host';

export interface SessionEvents {
  /** Anything that is shown has changed. */
  change: Event;
  /** Something to read out; the text is in `detail`. */
  announce: CustomEvent<string>;
}

/** The page's state: the queue of latents, what is selected, what runs. Elements read it and call its verbs. */
export class Session extends EventTarget {
  items: readonly Item[] = [];
  selected: Item | undefined;
  device: DeviceInfo | undefined;
  notices: readonly PageNotice[] = [];
  readonly reader: UpscalerHost;
  readonly #engine: UpscalerHost;
  readonly #scale: Factor;
  #running: { item: Item; abort: AbortController } | undefined;

  /**
   * @param engine enlarges
   * @param reader reads, previews and writes files and lists models, in a worker of its own: on WebAssembly the
   * engine's worker is deaf as long as a tile takes
   */
  constructor(engine: UpscalerHost, reader: UpscalerHost, scale: Factor) {
    super();
    this.#engine = engine;
    this.reader = reader;
    this.#scale = scale;
  }

  /** Puts files at the end of the queue, selects the first of them and starts reading. */
  add(files: readonly { name: string; input: LatentInput; hints?: ReadHints }[]): void {
    const items = files.map((file) => createItem(file.name, file.input, file.hints ?? {}, this.#scale));
    if (!items.length) return;
    this.items = [...this.items, ...items];
    this.select(items[0]!);
    for (const item of items) void this.#read(item);
  }

  select(item: Item): void {
    this.selected = item;
    this.#changed();
    this.#pump();
  }

  /** Shows the welcome with its samples again; the queue stays and goes on. */
  deselect(): void {
    this.selected = undefined;
    this.#changed();
  }

  /** Selects the entry `step` places further on. */
  selectNext(step: number): void {
    const index = this.selected ? this.items.indexOf(this.selected) : -1;
    const next = this.items[index + step];
    if (next) this.select(next);
  }

  remove(item: Item): void {
    this.#stop(item);
    dropRuns(item);
    const index = this.items.indexOf(item);
    this.items = this.items.filter((other) => other !== item);
    if (this.selected === item) this.selected = this.items[Math.min(index, this.items.length - 1)];
    this.#changed();
    this.#pump();
  }

  /** Reads the file again with what the person knows better, and runs it again. */
  reread(item: Item, hints: ReadHints): void {
    this.#stop(item);
    dropRuns(item);
    item.hints = { ...item.hints, ...hints };
    item.latent = undefined;
    item.error = undefined;
    void this.#read(item);
  }

  setScale(item: Item, scale: Factor): void {
    if (item.scale === scale) return;
    this.#stop(item);
    item.scale = scale;
    this.run(item);
  }

  /** Runs whatever of the item is not done yet. */
  run(item: Item): void {
    const run = currentRun(item);
    for (const method of METHODS) {
      if (run[method].state !== 'done' && run[method].state !== 'running') run[method] = { state: 'waiting' };
    }
    this.#changed();
    this.#pump();
  }

  /** Stops what runs and what waits; does nothing when nothing does. */
  cancel(item: Item): void {
    const state = itemState(item);
    if (state !== 'running' && state !== 'waiting') return;
    this.#stop(item);
    this.#announce(`${item.name}: cancelled.`);
    this.#pump();
  }

  dismiss(notice: PageNotice): void {
    this.notices = this.notices.filter((other) => other !== notice);
    this.#changed();
  }

  /** Shows a notice once; the same words twice are one notice. */
  notify(notice: PageNotice): void {
    if (this.notices.some((other) => other.message === notice.message)) return;
    this.notices = [...this.notices, notice];
    this.#announce(notice.message);
    this.#changed();
  }

  /** Progress that belongs to no call, as of opening the engine: whatever runs is waiting for it. */
  showProgress(progress: Progress): void {
    if (!this.#running) return;
    const run = currentRun(this.#running.item);
    const method = METHODS.find((one) => run[one].state === 'running');
    if (method) run[method] = { state: 'running', progress };
    this.#changed();
  }

  write(latent: Latent, format: 'safetensors' | 'comfyui' | 'npy'): Promise<Uint8Array> {
    return this.reader.use((upscaler) => upscaler.write(latent, format));
  }

  async #read(item: Item): Promise<void> {
    const { hints } = item;
    this.#changed();
    try {
      const latents = await readItem(item, { reader: this.reader, engine: this.#engine });
      const wanted = latents.find((one) => one.provenance.item === (hints.item ?? 0)) ?? latents[0]!;
      const rest = hints.item === undefined ? latents.filter((one) => one !== wanted) : [];
      await this.#adopt(item, wanted, hints);
      // A batch that is read anew has its other entries already.
      if (!item.spread) await this.#addRest(item, rest);
    } catch (thrown) {
      if (!this.#isCurrent(item, hints)) return;
      item.error = toLeapError(thrown);
      this.#announce(`${item.name}: ${item.error.message}`);
      this.#changed();
    }
  }

  /** Takes the latent in, unless the item was removed or read anew with other hints meanwhile. */
  async #adopt(item: Item, latent: Latent, hints: ReadHints): Promise<void> {
    if (!this.#isCurrent(item, hints)) return;
    const previews = await makePreviews(latent, this.reader);
    if (!this.#isCurrent(item, hints)) return;
    dropRuns(item);
    item.previews = previews;
    item.latent = latent;
    this.#announce(`${item.name}: read as ${latent.dims.join(' × ')}.`);
    this.run(item);
  }

  #isCurrent(item: Item, hints: ReadHints): boolean {
    return item.hints === hints && this.items.includes(item);
  }

  /** The other latents of a batch become entries of their own, in order. */
  async #addRest(first: Item, latents: readonly Latent[]): Promise<void> {
    first.spread = true;
    const rest = latents.map((latent) =>
      createItem(first.name, first.input, { ...first.hints, item: latent.provenance.item }, this.#scale),
    );
    const at = this.items.indexOf(first) + 1;
    if (at === 0 || !rest.length) return;
    this.items = [...this.items.slice(0, at), ...rest, ...this.items.slice(at)];
    this.#changed();
    for (const [index, item] of rest.entries()) await this.#adopt(item, latents[index]!, item.hints);
  }

  /** Starts the next waiting side, the selected item's first, unless one is running. */
  #pump(): void {
    if (this.#running) return;
    const order = [...(this.selected ? [this.selected] : []), ...this.items];
    for (const item of order) {
      const method = METHODS.find((one) => item.latent && currentRun(item)[one].state === 'waiting');
      if (method) return void this.#runSide(item, method);
    }
  }

  async #runSide(item: Item, method: Method): Promise<void> {
    const abort = new AbortController();
    this.#running = { item, abort };
    const run = currentRun(item);
    run[method] = { state: 'running', progress: undefined };
    this.#changed();
    try {
      const outcome = await runSide(this.#engine, item, method, abort.signal, (progress) => {
        if (abort.signal.aborted) return;
        run[method] = { state: 'running', progress };
        this.#changed();
      });
      if (abort.signal.aborted) freeCanvas(outcome.canvas);
      else this.#finish(item, run, method, outcome);
    } catch (thrown) {
      const error = toLeapError(thrown);
      if (!abort.signal.aborted) {
        run[method] = { state: 'failed', error };
        this.#announce(`${item.name}, ${METHOD_LABELS[method]}: ${error.message}`);
      }
    } finally {
      this.#running = undefined;
      this.#changed();
      this.#pump();
    }
  }

  #finish(item: Item, run: Item['runs'][Factor], method: Method, outcome: Outcome): void {
    const { backend, precision, adapter } = outcome.report;
    run[method] = { state: 'done', outcome };
    this.device = { backend, precision, adapter };
    freeOldResults(this.items, item);
    this.#announce(`${item.name}: ${METHOD_LABELS[method]} is ready.`);
  }

  /** Aborts what runs for the item and takes back what waits. Finished sides stay. */
  #stop(item: Item): void {
    if (this.#running?.item === item) this.#running.abort.abort();
    const run = currentRun(item);
    for (const method of METHODS) {
      const { state } = run[method];
      if (state === 'running' || state === 'waiting') run[method] = idleRun()[method];
    }
    this.#changed();
  }

  #announce(text: string): void {
    this.dispatchEvent(new CustomEvent('announce', { detail: text }));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
