/** Aborts a connection on which nothing happens; the caller's signal aborts it too. */
export class StallWatch {
  readonly signal: AbortSignal;
  stalled = false;
  readonly #stall = new AbortController();
  readonly #after: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(after: number, signal: AbortSignal | undefined) {
    this.#after = after;
    this.signal = signal ? AbortSignal.any([this.#stall.signal, signal]) : this.#stall.signal;
    this.touch();
  }

  /** Something came. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.#stall.abort();
    }, this.#after);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
