import { proxy } from 'comlink';
import type { CreateOptions } from './types';
import { type WorkerLike, WorkerLink } from './worker-link';

/**
 * A worker with the caller's options in it.
 *
 * @param memoryShare how much of the memory that would be taken by default is taken; less after it ran out
 * @throws LeapError `worker-died` when the worker's script does not load
 */
export async function openLink(
  worker: WorkerLike,
  options: CreateOptions,
  memoryShare = 1,
): Promise<WorkerLink> {
  const link = new WorkerLink(worker);
  const lock = `latent-leap-worker-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const folder = new URL(options.models ?? 'models/', globalThis.document?.baseURI ?? import.meta.url);
  const held = await link.call((remote) =>
    remote.open(
      lock,
      {
        catalogUrl: new URL('catalog.json', folder).href,
        backend: options.backend ?? 'auto',
        precision: options.precision ?? 'auto',
        memory: options.memory ?? {},
        memoryShare,
        modelHosts: options.modelHosts ?? [],
      },
      proxy(options.onProgress ?? ignore),
      proxy(options.onNotice ?? ignore),
    ),
  );
  if (held) link.watchLock(lock);
  return link;
}

function ignore(): void {}
