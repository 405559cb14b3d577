import { LeapError, throwIfAborted } from '../errors';
import { guardCallback } from './link/guard-callback';
import { LocalLink } from './link/local-link';
import { openLink } from './link/open-link';
import { RenewableLink, type StartAnother } from './link/renewable-link';
import { startWorker } from './link/start-worker';
import type { WorkerLike } from './link/worker-like';
import { checkCreateOptions } from './options/check-options';
import type { CreateOptions } from './options/create-options';
import { refuseInNode } from './options/refuse-in-node';
import { type LinkOptions, toServiceOptions } from './options/service-options';
import { ServiceUpscaler } from './service-upscaler';
import type { Upscaler } from './types';

/**
 * Starts the worker. Cheap: the runtime, the GPU and the models are only opened when they are first needed.
 * @throws LeapError `worker-died` when the worker's script does not load or does not answer in time, `bad-option`,
 *   `cancelled`
 */
export async function createUpscaler(options: CreateOptions = {}): Promise<Upscaler> {
  checkCreateOptions(options);
  refuseInNode(options);
  if (options.thread === 'this') return openHere(options);
  const { worker } = options;
  // A worker that the caller made is the caller's to replace.
  if (typeof worker === 'object' && !(worker instanceof URL)) return openUpscaler(worker, options);
  const start = () => startWorker(worker);
  return openUpscaler(start(), options, start);
}

/**
 * {@link createUpscaler} over a worker, or anything like one, that is there already.
 * @param start used when the first one hangs or its memory ran out
 */
export async function openUpscaler(
  worker: WorkerLike,
  options: CreateOptions = {},
  start?: () => WorkerLike,
): Promise<Upscaler> {
  const link = await openLink(worker, options, { renewable: start !== undefined });
  // The signal is for this opening: a later worker is opened for a call, which has its own.
  const { signal: _, ...later } = options;
  const another: StartAnother | undefined = start && ((why) => openLink(start(), later, AFTER[why]));
  const links = new RenewableLink(link, another);
  return new ServiceUpscaler(links, options);
}

/** The worker after one whose memory ran out has a part of the default budget; after a spent runtime there is no third. */
const AFTER: Record<Parameters<StartAnother>[0], LinkOptions> = {
  outgrown: { memoryShare: 0.25, renewable: true },
  hung: { renewable: true },
  spent: { renewable: false },
};

/** The engine in this thread. It is a script of its own, which callers with a worker do not load. */
async function openHere(options: CreateOptions): Promise<Upscaler> {
  const { onProgress = ignore, onNotice = ignore, ort, device, runExclusive, runtime, signal } = options;
  throwIfAborted(signal);
  const { LocalService } = await import('../worker/local-service').catch((cause) => {
    throw new LeapError('internal', `The engine could not be loaded: ${cause}`, {}, { cause });
  });
  throwIfAborted(signal);
  const service = new LocalService({ ...runtime, ort, device, runExclusive });
  await service.open('', toServiceOptions(options), guardCallback(onProgress), guardCallback(onNotice));
  return new ServiceUpscaler(new LocalLink(service), options);
}

function ignore(): void {}
