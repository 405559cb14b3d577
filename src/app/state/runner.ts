import type { Progress } from '../../client';
import { toLeapError } from '../../errors';
import { freeCanvas } from './canvases';
import { SIDES, type SideId } from './choice';
import { currentRun, type Item, type Outcome } from './item';
import { runSide } from './run-side';
import type { UpscalerHost } from './upscaler-host';

/** What the runner needs of the queue, and tells it. */
export interface Queue {
  /** In the order in which they are run. */
  order(): readonly Item[];
  changed(): void;
  done(item: Item, side: SideId, outcome: Outcome): void;
  failed(item: Item, side: SideId, message: string): void;
}

/** Runs the sides that wait, one at a time: the engine has one queue anyway, and here the next can still change. */
export class Runner {
  readonly #engine: UpscalerHost;
  readonly #queue: Queue;
  #running: { item: Item; side: SideId; abort: AbortController } | undefined;

  constructor(engine: UpscalerHost, queue: Queue) {
    this.#engine = engine;
    this.#queue = queue;
  }

  /** Starts the next waiting side, unless one is running. */
  pump(): void {
    if (this.#running) return;
    for (const item of this.#queue.order()) {
      const side = SIDES.find((one) => item.latent && currentRun(item)[one].state === 'waiting');
      if (side) return void this.#run(item, side);
    }
  }

  /** Aborts what runs for these sides of the item and takes back what waits. Finished sides stay. */
  stop(item: Item, sides: readonly SideId[] = SIDES): void {
    const running = this.#running;
    if (running?.item === item && sides.includes(running.side)) running.abort.abort();
    const run = currentRun(item);
    for (const side of sides) {
      if (run[side].state === 'running' || run[side].state === 'waiting') run[side] = { state: 'idle' };
    }
    this.#queue.changed();
  }

  /** Progress that belongs to no call, as of opening the engine: whatever runs is waiting for it. */
  showProgress(progress: Progress): void {
    if (!this.#running || this.#running.abort.signal.aborted) return;
    const { item, side } = this.#running;
    currentRun(item)[side] = { state: 'running', progress };
    this.#queue.changed();
  }

  async #run(item: Item, side: SideId): Promise<void> {
    const abort = new AbortController();
    this.#running = { item, side, abort };
    const run = currentRun(item);
    run[side] = { state: 'running', progress: undefined };
    this.#queue.changed();
    try {
      const outcome = await runSide(this.#engine, item, side, abort.signal, (progress) => {
        // It travels on another port than the result, and may come after it.
        if (abort.signal.aborted || run[side].state !== 'running') return;
        run[side] = { state: 'running', progress };
        this.#queue.changed();
      });
      if (abort.signal.aborted) freeCanvas(outcome.canvas);
      else {
        run[side] = { state: 'done', outcome };
        this.#queue.done(item, side, outcome);
      }
    } catch (thrown) {
      const error = toLeapError(thrown);
      if (!abort.signal.aborted) {
        run[side] = { state: 'failed', error };
        this.#queue.failed(item, side, error.message);
      }
    } finally {
      this.#running = undefined;
      this.#queue.changed();
      this.pump();
    }
  }
}
