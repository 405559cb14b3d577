import type { Progress } from '../../../client';

/** Milliseconds for each phase of a run, as far as this device has done the like before. */
export interface Expected {
  upscale: number | undefined;
  decode: number | undefined;
}

/** How far a run has got, and how long it will take. */
export interface Forecast {
  progress: Progress | undefined;
  /** 0..1 of the whole run, or of the download; undefined where nothing is known. */
  share: number | undefined;
  /** Milliseconds; undefined where nothing is known. */
  left: number | undefined;
}

export const NOTHING_KNOWN: Forecast = { progress: undefined, share: undefined, left: undefined };

/** A phase that takes longer than expected never seems finished. */
const ALMOST = 0.97;

/** Follows one run: by its tiles where there are several, else by the time that the like took before. */
export class RunClock {
  readonly #expected: Expected;
  #progress: Progress | undefined;
  /** When the phase at hand began, and what of it was done at that time. */
  #began = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  note(progress: Progress, now: number): void {
    if (progress.phase !== this.#progress?.phase) this.#began = now;
    this.#progress = progress;
  }

  at(now: number): Forecast {
    const progress = this.#progress;
    if (!progress) return NOTHING_KNOWN;
    const { phase, done, total } = progress;
    if (phase === 'download') {
      return { progress, share: total > 0 ? Math.min(done / total, 1) : undefined, left: undefined };
    }
    if (phase === 'finish') return { progress, share: 1, left: undefined };
    const { upscale, decode } = this.#expected;
    if (phase !== 'upscale' && phase !== 'decode') {
      return { progress, share: undefined, left: sum(upscale, decode) };
    }
    const whole = this.#phaseMs(phase, now);
    const share = this.#phaseShare(whole, now);
    if (share === undefined) return { progress, share, left: undefined };
    if (phase === 'upscale') {
      const left = whole === undefined ? undefined : sum(whole * (1 - share), decode);
      const all = sum(whole, decode);
      return { progress, share: all && whole ? (share * whole) / all : share, left };
    }
    const before = upscale ?? 0;
    const left = whole === undefined ? undefined : whole * (1 - share);
    return { progress, share: whole ? (before + share * whole) / (before + whole) : share, left };
  }

  /** Of the phase at hand: by its own tiles once one is done, else by what was expected. */
  #phaseMs(phase: 'upscale' | 'decode', now: number): number | undefined {
    const { done, total } = this.#progress!;
    if (total > 1 && done > 0) return ((now - this.#began) / done) * total;
    return this.#expected[phase];
  }

  #phaseShare(whole: number | undefined, now: number): number | undefined {
    const { done, total } = this.#progress!;
    const byTime = whole ? (now - this.#began) / whole : undefined;
    if (total <= 1) return byTime === undefined ? undefined : Math.min(byTime, ALMOST);
    // Between two tiles it goes on by the clock, up to the next one.
    const atLeast = done / total;
    return Math.min(Math.max(byTime ?? atLeast, atLeast), (done + ALMOST) / total);
  }
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
