/** A connection that brings less than this while it is waited for counts as silent: a trickle would never end. */
const WORTHWHILE_BYTES = 16 * 1024;

/** Aborts a connection that brings next to nothing; the caller's signal aborts it too. */
export class StallWatch {
  readonly signal: AbortSignal;
  stalled = false;
  readonly #stall = new AbortController();
  readonly #patience: number;
  /** Milliseconds of waiting that are left, and bytes that came since it was all of them. */
  #left: number;
  #bytes = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param patience milliseconds of waiting for {@link WORTHWHILE_BYTES} */
  constructor(patience: number, signal: AbortSignal | undefined) {
    this.#patience = patience;
    this.#left = patience;
    this.signal = signal ? AbortSignal.any([this.#stall.signal, signal]) : this.#stall.signal;
  }

  /** The server is waited for from here on. */
  start(): void {
    this.stop();
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.#stall.abort();
    }, this.#left);
  }

  /** The server is not waited for: whatever time passes now is not its own. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = Math.max(0, this.#left - (performance.now() - this.#since));
  }

  /** Bytes came, or an answer (as good as many). */
  count(bytes = WORTHWHILE_BYTES): void {
    this.#bytes += bytes;
    if (this.#bytes < WORTHWHILE_BYTES) return;
    this.#bytes = 0;
    this.#left = this.#patience;
  }
}
