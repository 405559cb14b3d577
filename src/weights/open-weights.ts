import { LeapError } from '../errors';
import { parseCatalog } from './catalog/parse-catalog';
import { CatalogWeights } from './catalog-weights';
import { downloadFile } from './download/download-file';
import type { OpenWeightsOptions } from './open-weights-options';
import type { ManagedWeights } from './types';

/** A catalogue of a thousand models has less. */
const MAX_CATALOG_BYTES = 2 ** 22;

/**
 * Reads the catalogue; the models themselves are fetched when they are first loaded.
 * @throws LeapError `download-failed`, `damaged-file`
 */
export async function openWeights(options: OpenWeightsOptions): Promise<ManagedWeights> {
  const { catalogUrl, fetch } = options;
  const bytes = await downloadFile(catalogUrl, { maxBytes: MAX_CATALOG_BYTES, ...(fetch ? { fetch } : {}) });
  return CatalogWeights.open(parseCatalog(parseJson(bytes, catalogUrl), catalogUrl), options);
}

function parseJson(bytes: Uint8Array, url: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LeapError('damaged-file', `The catalogue ${url} is no JSON.`, { url }, { cause });
  }
}
