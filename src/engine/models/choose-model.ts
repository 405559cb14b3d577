import { LeapError } from '../../errors';
import type { FamilyId } from '../../latent/types';
import type { Catalog, CatalogEntry, ModelKind } from '../../weights/types';

/** Whether a latent upscaler enlarges by this factor. */
export function offersScale({ scales, scaleRange }: CatalogEntry, scale: number): boolean {
  if (scales?.includes(scale)) return true;
  return scaleRange !== undefined && scale > scaleRange[0] && scale <= scaleRange[1];
}

/**
 * The entry with the given id, or the first embedded one that fits.
 *
 * @param scale for LUA: a factor that one of its heads must offer
 * @throws LeapError `no-model`
 */
export function chooseModel(
  catalog: Catalog,
  kind: ModelKind,
  family: FamilyId,
  { id, scale }: { id?: string | undefined; scale?: number } = {},
): CatalogEntry {
  const fits = (entry: CatalogEntry) =>
    entry.kind === kind &&
    (kind === 'enlarger' || entry.family === family) &&
    (scale === undefined || offersScale(entry, scale));
  const candidates = catalog.models.filter(fits);
  const chosen =
    id === undefined
      ? candidates.find((entry) => entry.embedded)
      : candidates.find((entry) => entry.id === id);
  if (chosen) return chosen;
  const wanted = `${kind}${scale ? ` x${scale}` : ''} for ${family}`;
  throw new LeapError(
    'no-model',
    id === undefined
      ? `The catalogue has no embedded ${wanted}.`
      : `The catalogue has no ${wanted} called ${id}.`,
    { kind, family, scale, id, candidates: candidates.map((entry) => entry.id) },
  );
}
