import { orAborted } from '../../errors';

/** One at a time, in the order in which they ask. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits until everyone before has left.
   * @returns what lets the next one begin
   * @throws LeapError `cancelled`
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let leave = () => {};
    this.#last = new Promise((resolve) => {
      leave = resolve;
    });
    try {
      await orAborted(before, signal);
    } catch (thrown) {
      void before.then(leave);
      throw thrown;
    }
    return leave;
  }
}
