import { proxy } from 'comlink';
import { LeapError } from '../errors';
import type { CreateOptions } from './types';
import { type WorkerLike, WorkerLink } from './worker-link';

/**
 * A worker with the caller's options in it.
 *
 * @param memoryShare how much of the memory that would be taken by default is taken; less after it ran out
 * @throws LeapError `worker-died` when the worker's script does not load, `bad-option`
 */
export async function openLink(
  worker: WorkerLike,
  options: CreateOptions,
  memoryShare = 1,
): Promise<WorkerLink> {
  const link = new WorkerLink(worker);
  const lock = `latent-leap-worker-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  try {
    const catalogUrl = findCatalog(options.models);
    const held = await link.call((remote) =>
      remote.open(
        lock,
        {
          catalogUrl,
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
  } catch (thrown) {
    link.close();
    throw thrown;
  }
}

/** @param folder of the models, with or without its last slash */
function findCatalog(folder = 'models/'): string {
  const base = globalThis.document?.baseURI ?? import.meta.url;
  try {
    return new URL('catalog.json', new URL(folder.replace(/[^/]$/, '$&/'), base)).href;
  } catch (cause) {
    throw new LeapError('bad-option', `${folder} is no address of a folder with models.`, {}, { cause });
  }
}

function ignore(): void {}
