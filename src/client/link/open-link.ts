import { proxy } from 'comlink';
import { LeapError, toLeapError } from '../../errors';
import type { CreateOptions, TimeLimits } from '../options/create-options';
import { type LinkOptions, toServiceOptions } from '../options/service-options';
import { guardCallback } from './guard-callback';
import type { WorkerLike } from './worker-like';
import { WorkerLink } from './worker-link';

const DEFAULT_LIMITS: Required<TimeLimits> = { start: 30_000, silence: 600_000, cancel: 20_000 };

/**
 * A worker with the caller's options in it.
 *
 * @throws LeapError `worker-died` when the worker's script does not load or does not answer in time, `bad-option`,
 *   `cancelled`
 */
export async function openLink(
  worker: WorkerLike,
  options: CreateOptions,
  own: LinkOptions = {},
): Promise<WorkerLink> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const link = new WorkerLink(worker, limits);
  const lock = `latent-leap-worker-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const timer = setTimeout(() => {
    const seconds = limits.start / 1000;
    const message = `The worker did not start within ${seconds} seconds. Its script may be blocked, or not be the worker of this library.`;
    link.end(new LeapError('worker-died', message, { reason: 'start', limit: limits.start }));
  }, limits.start);
  try {
    const onProgress = guardCallback(options.onProgress ?? ignore);
    const serviceOptions = toServiceOptions(options, own);
    const held = await link.call(
      (service) =>
        service.open(
          lock,
          serviceOptions,
          proxy((progress) => {
            link.touch();
            onProgress(progress);
          }),
          proxy(guardCallback(options.onNotice ?? ignore)),
        ),
      options.signal,
    );
    if (held) link.watchLock(lock);
    return link;
  } catch (thrown) {
    link.close();
    throw toLeapError(thrown);
  } finally {
    clearTimeout(timer);
  }
}

function ignore(): void {}
