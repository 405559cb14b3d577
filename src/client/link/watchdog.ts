import type { TimeLimits } from '../options/create-options';

/** A call that the worker has not answered yet. */
export interface WatchedCall {
  /** The worker has reported progress on it. */
  touch(): void;
  /** Whoever asked no longer waits for the answer. */
  abandon(): void;
  end(): void;
}

export type SilenceLimits = Required<Pick<TimeLimits, 'silence' | 'cancel'>>;

interface Call {
  abandoned: boolean;
}

/** The silence is counted in this many ticks, so that a machine that slept adds one tick, not hours. */
const TICKS = 4;

/** Tells when a worker that was asked something has been silent for too long. */
export class Watchdog {
  readonly #limits: SilenceLimits;
  readonly #onSilence: (ms: number) => void;
  readonly #calls = new Set<Call>();
  /** The call that progress was reported on last. */
  #speaker: Call | undefined;
  #silentMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limits: SilenceLimits, onSilence: (ms: number) => void) {
    this.#limits = limits;
    this.#onSilence = onSilence;
  }

  begin(): WatchedCall {
    const call: Call = { abandoned: false };
    if (this.#calls.size === 0) this.#start();
    this.#calls.add(call);
    return {
      touch: () => {
        this.#speaker = call;
        this.touch();
      },
      abandon: () => {
        call.abandoned = true;
        this.touch();
      },
      end: () => {
        this.#calls.delete(call);
        // An answer is a sign of life, too.
        this.touch();
        if (this.#calls.size === 0) this.stop();
      },
    };
  }

  touch(): void {
    this.#silentMs = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    const tick = Math.min(this.#limits.silence, this.#limits.cancel) / TICKS;
    this.#silentMs = 0;
    this.#speaker = undefined;
    this.#timer = setInterval(() => {
      this.#silentMs += tick;
      if (this.#silentMs < this.#limit()) return;
      this.stop();
      this.#onSilence(this.#silentMs);
    }, tick);
  }

  /** A job that was cancelled has only to stop. But another one that is at work is given its time. */
  #limit(): number {
    const { silence, cancel } = this.#limits;
    const speaker = this.#speaker && this.#calls.has(this.#speaker) ? this.#speaker : undefined;
    const cancelled = [...this.#calls].some(({ abandoned }) => abandoned);
    return cancelled && (!speaker || speaker.abandoned) ? cancel : silence;
  }
}
