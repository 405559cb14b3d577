/** The part of `Worker` that is used, so that tests can put a MessagePort in its place. */
export interface WorkerLike extends EventTarget {
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate?(): void;
}
