import { LeapError } from '../../errors';
import type { CreateOptions } from './create-options';

/**
 * Node has no web workers, no runtime of its own and no page beside which models lie: the caller has to say all three, and
 * no address is relative to anything.
 * @throws LeapError `bad-option` with what to install and to pass
 */
export function refuseInNode(
  { thread, worker, ort, models }: CreateOptions,
  caller: 'createUpscaler' | 'createDecoderSession' = 'createUpscaler',
): void {
  if (globalThis.Worker !== undefined || globalThis.location !== undefined) return;
  const bringsWorker =
    typeof worker === 'function' || (typeof worker === 'object' && !(worker instanceof URL));
  if (thread !== 'this' && bringsWorker) return;
  const missing = [
    thread === 'this' || caller === 'createDecoderSession' ? undefined : "thread: 'this'",
    ort ? undefined : 'ort (npm install --ignore-scripts onnxruntime-node)',
    models === undefined
      ? 'models (the address of their folder, or imports of latent-leap/models/<family>)'
      : undefined,
  ].filter((one) => one !== undefined);
  if (missing.length === 0) {
    if (typeof models !== 'string' || URL.canParse(models)) return;
    throw new LeapError(
      'bad-option',
      `Outside a browser, models must be an absolute address, such as pathToFileURL(folder).href, not "${models}".`,
    );
  }
  throw new LeapError('bad-option', `Outside a browser, ${caller} needs ${missing.join(', ')} as well.`, {
    missing,
  });
}
