import type { Progress } from '../../../client';

/** One of the phases that make a picture, in their order; `ms` as far as this device has done the like before. */
export interface TimedPhase {
  phase: 'upscale' | 'decode' | 'enlarge';
  ms: number | undefined;
}

/** How far a run has got, and how long it will take. */
export interface Forecast {
  progress: Progress | undefined;
  /** 0..1 of the whole run, or of the download; undefined where nothing is known. */
  share: number | undefined;
  /** Milliseconds; undefined where nothing is known. */
  left: number | undefined;
  /** It takes so much longer than was expected that nothing is known any more. */
  late?: true;
  /** Milliseconds since the phase began. */
  since?: number;
}

const NOTHING_KNOWN: Forecast = { progress: undefined, share: undefined, left: undefined };

/** A phase that takes longer than expected never seems finished. */
const ALMOST = 0.97;

/** What took so many times as long as was expected, whole or up to its next tile, has no forecast any more. */
const LATE = 1.5;

/** Follows one run: by its tiles where there are several, else by the time that the like took before. */
export class RunClock {
  readonly #phases: readonly TimedPhase[];
  #progress: Progress | undefined;
  /** When that was said. */
  #noted = 0;
  /** When its phase began. */
  #began = 0;
  /** The phase that was worked in last. Getting ready for its next tile does not end it. */
  #phase: TimedPhase | undefined;
  #phaseBegan = 0;
  /** Milliseconds of work in it until then. */
  #worked = 0;
  /** Its tiles that are done, and the work that they took. */
  #tiles = 0;
  #tilesTook = 0;

  constructor(phases: readonly TimedPhase[]) {
    this.#phases = phases;
  }

  note(progress: Progress, now: number): void {
    this.#worked = this.#workedAt(now);
    const phase = this.#phaseOf(progress);
    if (phase && phase !== this.#phase) {
      this.#phaseBegan = now;
      this.#phase = phase;
      this.#worked = 0;
      this.#tiles = 0;
    }
    if (phase && progress.done > this.#tiles) {
      this.#tiles = progress.done;
      this.#tilesTook = this.#worked;
    }
    // What is made ready for the next tile does not begin its phase anew.
    if (progress.phase !== this.#progress?.phase) this.#began = phase ? this.#phaseBegan : now;
    this.#progress = progress;
    this.#noted = now;
  }

  at(now: number): Forecast {
    const progress = this.#progress;
    return progress ? { ...this.#after(progress, now), since: now - this.#began } : NOTHING_KNOWN;
  }

  #after(progress: Progress, now: number): Forecast {
    const { phase, done, total } = progress;
    if (phase === 'download') {
      return { progress, share: total > 0 ? Math.min(done / total, 1) : undefined, left: undefined };
    }
    if (phase === 'finish') return { progress, share: 1, left: undefined };
    const index = this.#phases.findIndex((one) => one.phase === phase);
    // Getting ready is not part of the work, and nobody knows how long it takes.
    if (index < 0) return { progress, share: undefined, left: this.#phase ? undefined : sum(this.#phases) };
    const whole = this.#phaseMs(this.#phases[index]!);
    const share = this.#phaseShare(whole, now);
    if (share === undefined || !whole) return { progress, share, left: undefined };
    const isLate = this.#workedAt(now) > (LATE * whole * (done + 1)) / Math.max(total, 1);
    const before = sum(this.#phases.slice(0, index)) ?? 0;
    const after = sum(this.#phases.slice(index + 1));
    const ofAll = (before + share * whole) / (before + whole + (after ?? 0));
    if (isLate) return { progress, share: ofAll, left: undefined, late: true };
    return {
      progress,
      share: ofAll,
      left: after === undefined ? undefined : whole * (1 - share) + after,
    };
  }

  #phaseOf(progress: Progress): TimedPhase | undefined {
    return this.#phases.find(({ phase }) => phase === progress.phase);
  }

  #workedAt(now: number): number {
    const working = this.#progress && this.#phaseOf(this.#progress);
    return this.#worked + (working ? now - this.#noted : 0);
  }

  /** How long the current phase takes: judged by its own tiles once one is done, else as expected. */
  #phaseMs({ ms }: TimedPhase): number | undefined {
    const { total } = this.#progress!;
    return total > 1 && this.#tiles > 0 ? (this.#tilesTook / this.#tiles) * total : ms;
  }

  #phaseShare(whole: number | undefined, now: number): number | undefined {
    const { done, total } = this.#progress!;
    const byTime = whole ? this.#workedAt(now) / whole : undefined;
    if (total <= 1) return byTime === undefined ? undefined : Math.min(byTime, ALMOST);
    // Between two tiles it continues by the clock, up to the next one.
    return Math.min(byTime ?? done / total, (done + ALMOST) / total);
  }
}

function sum(phases: readonly TimedPhase[]): number | undefined {
  return phases.reduce<number | undefined>(
    (all, { ms }) => (all === undefined || ms === undefined ? undefined : all + ms),
    0,
  );
}
