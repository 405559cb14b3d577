import type { WorkerService } from '../protocol';

/** One call of a service. `touch` is to be called at each sign of progress. */
export type Work<T> = (service: WorkerService, touch: () => void) => Promise<T>;

/** The way to a service: in a worker, or in this thread. */
export interface ServiceLink {
  /** @param signal rejects at once, whatever the service is doing */
  call<T>(work: Work<T>, signal?: AbortSignal): Promise<T>;
}
