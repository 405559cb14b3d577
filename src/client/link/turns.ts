import { cancelled } from '../../errors';

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
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        void before.then(leave);
        reject(cancelled());
      };
      signal?.addEventListener('abort', abort, { once: true });
      void before.then(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
    return leave;
  }
}
