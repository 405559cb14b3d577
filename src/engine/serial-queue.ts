/**
 * Runs tasks one after the other, in the order of the calls. onnxruntime-web hangs for ever when two of its
 * calls overlap, so every create, run and release goes through one of these.
 */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** @returns what the task returns; a failed task does not stop those behind it. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => {});
    return result;
  }
}
