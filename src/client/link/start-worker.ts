import { LeapError, toLeapError } from '../../errors';
import type { CreateOptions } from '../options/create-options';
import { findBase } from '../options/find-base';
import type { WorkerLike } from './worker-like';

const OPTIONS: WorkerOptions = { type: 'module', name: 'latent-leap' };

/** @throws LeapError `worker-died` */
export function startWorker(from: Exclude<CreateOptions['worker'], Worker>): WorkerLike {
  try {
    if (typeof from === 'function') return from();
    if (from !== undefined) return startFrom(new URL(from, findBase()).href);
    // A CDN serves the library's files side by side, but a browser does not start a worker from another origin.
    if (isForeign(import.meta.url)) return startFrom(import.meta.url.replace(/[^/]*$/, 'worker.js'));
    return new Worker(new URL('../../worker/worker.ts', import.meta.url), {
      type: 'module',
      name: 'latent-leap',
    });
  } catch (thrown) {
    const { message } = toLeapError(thrown);
    const way = message.includes('TrustedScriptURL')
      ? 'Pass one that your policy has made: worker: () => new Worker(policy.createScriptURL(address), { type: "module" }).'
      : 'The content security policy must allow it (worker-src).';
    throw new LeapError(
      'worker-died',
      `The worker could not be started: ${message} ${way}`,
      {},
      { cause: thrown },
    );
  }
}

/** A script of another origin is imported by a worker of this page's own. */
function startFrom(address: string): Worker {
  if (!isForeign(address)) return new Worker(address, OPTIONS);
  const script = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(script);
  try {
    return new Worker(url, OPTIONS);
  } finally {
    // The worker has taken hold of it by the time that this runs.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

function isForeign(address: string): boolean {
  const { origin, protocol } = new URL(address);
  return protocol.startsWith('http') && globalThis.location?.origin !== origin;
}
