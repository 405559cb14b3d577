import { openCatalog } from './catalog/open-catalog';
import { CatalogWeights } from './catalog-weights';
import type { OpenWeightsOptions } from './open-weights-options';
import type { ManagedWeights } from './types';

/**
 * Reads the catalogue. The models themselves are fetched when they are first loaded.
 * @throws LeapError `download-failed`, `damaged-file`, `unsupported`
 */
export async function openWeights(options: OpenWeightsOptions): Promise<ManagedWeights> {
  return CatalogWeights.open(await openCatalog(options), options);
}
