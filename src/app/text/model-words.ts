import type { ModelStatus } from '../../client';
import { formatBytes } from './format';

/** Must something be fetched from elsewhere before the model works? Models that come with the page do not count. */
export function needsFetch({ embedded, complete }: ModelStatus): boolean {
  return !embedded && !complete;
}

/** '335 MB', or 'up to 335 MB' where only some tensors of a file are fetched, since only its header tells which. */
export function describeSize(models: readonly ModelStatus[]): string {
  if (models.some(({ bytes }) => bytes <= 0)) return 'size not known';
  const bytes = models.reduce((sum, model) => sum + model.bytes - model.cachedBytes, 0);
  // The files of upscalers are taken whole, and what comes with the page is cut to size.
  const part = models.some(({ kind, embedded }) => !embedded && kind !== 'lua' && kind !== 'enlarger');
  return `${part ? 'up to ' : ''}${formatBytes(bytes)}`;
}

/** How much is stored, or how much has to be fetched. */
export function describeStored(model: ModelStatus): string {
  if (model.complete) return `${formatBytes(model.bytes)}, stored`;
  if (model.cachedBytes > 0) return `${describeSize([model])} more`;
  return describeSize([model]);
}

/** The server that the model is fetched from, or its origin in words. */
export function describeOrigin({ embedded, custom, page, source }: ModelStatus): string {
  if (embedded) return 'comes with this page';
  const url = [page, source].find((text) => text?.startsWith('https://'));
  if (url) return new URL(url).host;
  return custom ? 'added from a file' : source;
}
