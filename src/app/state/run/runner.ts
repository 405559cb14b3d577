import type { PictureTile, Progress } from '../../../client';
import { toLeapError } from '../../../errors';
import { freeCanvas } from '../canvases';
import { SIDES, type SideId } from '../choice';
import { currentRun, type Item, type Outcome, type Problem, pictureSize, shownOutcome } from '../item';
import type { UpscalerHost } from '../upscaler-host';
import { RunClock } from './forecast';
import { takeBack } from './memory';
import type { Pace } from './pace';
import { PartialPicture } from './partial-picture';
import { runSide } from './run-side';

/** How often the time that is left is looked at, in milliseconds. */
const TICK_MS = 500;

/** What the runner needs of the queue, and what it tells it. */
export interface Queue {
  /** In the order in which they are run. */
  order(): readonly Item[];
  /** How often the upscaler of the side runs in a row. */
  passes(item: Item, side: SideId): Promise<1 | 2>;
  changed(): void;
  done(item: Item, side: SideId, outcome: Outcome): void;
  failed(item: Item, problem: Problem): void;
}

/** What is running. */
interface Running {
  item: Item;
  side: SideId;
  abort: AbortController;
  clock: RunClock;
  /** The tiles that have come in. */
  picture: PartialPicture;
}

/** Runs the sides that wait, one at a time. The engine has one queue anyway, and here the next one can still change. */
export class Runner {
  readonly #engine: UpscalerHost;
  readonly #queue: Queue;
  readonly #pace: Pace;
  #running: Running | undefined;

  constructor(engine: UpscalerHost, queue: Queue, pace: Pace) {
    this.#engine = engine;
    this.#queue = queue;
    this.#pace = pace;
  }

  /** Starts the next waiting side, unless one is running. */
  pump(): void {
    if (this.#running) return;
    for (const item of this.#queue.order()) {
      const side = SIDES.find(
        (one) => item.latent && !item.reading && currentRun(item)[one].state === 'waiting',
      );
      if (side) return void this.#run(item, side);
    }
  }

  /** Aborts what runs for these sides of the item and takes back what waits. Finished sides stay. */
  stop(item: Item, sides: readonly SideId[] = SIDES): void {
    const running = this.#running;
    if (running?.item === item && sides.includes(running.side)) running.abort.abort();
    for (const side of sides) takeBack(item, side);
    this.#queue.changed();
  }

  /** Progress that belongs to no call, such as that of opening the engine. Whatever runs is waiting for it. */
  showProgress(progress: Progress): void {
    if (this.#running) this.#note(this.#running, progress);
  }

  async #run(item: Item, side: SideId): Promise<void> {
    const running = this.#start(item, side);
    const { abort } = running;
    const run = currentRun(item);
    const { scale } = item;
    const choice = item.choices[side];
    const ticking = setInterval(() => this.#show(running), TICK_MS);
    try {
      const passes = await this.#queue.passes(item, side);
      abort.signal.throwIfAborted();
      const outcome = await runSide(this.#engine, item, side, {
        passes,
        signal: abort.signal,
        onProgress: (progress) => this.#note(running, progress),
        onTile: (tile) => this.#draw(running, tile),
      });
      if (abort.signal.aborted) freeCanvas(outcome.canvas);
      else {
        const before = shownOutcome(run[side]);
        if (before) freeCanvas(before.canvas);
        run[side] = { state: 'done', outcome, problem: undefined };
        this.#pace.learn(choice, outcome.report);
        this.#queue.done(item, side, outcome);
      }
    } catch (thrown) {
      const error = toLeapError(thrown);
      if (!abort.signal.aborted) {
        takeBack(item, side);
        // Perhaps at the factor from before.
        const now = currentRun(item);
        const back = now[side];
        const problem = { error, choice, scale };
        now[side] = back.state === 'done' ? { ...back, problem } : { state: 'failed', problem };
        this.#queue.failed(item, problem);
      }
    } finally {
      clearInterval(ticking);
      running.picture.free();
      this.#running = undefined;
      this.#queue.changed();
      this.pump();
    }
  }

  #start(item: Item, side: SideId): Running {
    const { width, height } = pictureSize(item)!;
    const expected = this.#pace.expect(item.choices[side], item.scale, width * height);
    const clock = new RunClock(expected);
    const picture = new PartialPicture({ width, height }, () => item.previews?.[side]);
    this.#running = { item, side, abort: new AbortController(), clock, picture };
    const run = currentRun(item);
    run[side] = {
      state: 'running',
      shown: shownOutcome(run[side]),
      forecast: clock.at(performance.now()),
      partial: undefined,
    };
    this.#queue.changed();
    return this.#running;
  }

  #note(running: Running, progress: Progress): void {
    running.clock.note(progress, performance.now());
    this.#show(running);
  }

  /** A tile is only useful where no finished picture is shown. */
  #draw(running: Running, tile: PictureTile): void {
    const run = currentRun(running.item);
    const now = run[running.side];
    if (running.abort.signal.aborted || now.state !== 'running' || now.shown) return;
    run[running.side] = { ...now, partial: running.picture.draw(tile) };
    this.#queue.changed();
  }

  /** Progress travels on another port than the result, and may come after it. */
  #show({ item, side, abort, clock }: Running): void {
    const run = currentRun(item);
    const now = run[side];
    if (abort.signal.aborted || now.state !== 'running') return;
    run[side] = { ...now, forecast: clock.at(performance.now()) };
    this.#queue.changed();
  }
}
