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
  const refused = chosenBy(catalog, kind, family, id);
  if (refused && scale !== undefined) throw refuseScale(refused, scale, candidates);
  const wanted = `${kind}${scale ? ` x${scale}` : ''} for ${family}`;
  throw new LeapError(
    'no-model',
    id === undefined
      ? `The catalogue has no embedded ${wanted}.`
      : `The catalogue has no ${wanted} called ${id}.`,
    { kind, family, scale, id, candidates: candidates.map((entry) => entry.id) },
  );
}

/** The entry that would be chosen if the factor did not matter. */
function chosenBy(
  { models }: Catalog,
  kind: ModelKind,
  family: FamilyId,
  id: string | undefined,
): CatalogEntry | undefined {
  return models.find(
    (entry) =>
      entry.kind === kind &&
      (kind === 'enlarger' || entry.family === family) &&
      (id === undefined ? entry.embedded : entry.id === id),
  );
}

function refuseScale(
  { id, kind, family, scales = [], scaleRange }: CatalogEntry,
  scale: number,
  others: readonly CatalogEntry[],
): LeapError {
  const own = scaleRange ? `above ${scaleRange[0]} and up to ${scaleRange[1]}` : scales.join(' and ');
  const filters = kind === 'lua' ? 'bicubic or pixels' : 'pixels without an upscaler';
  const able =
    others.length > 0 ? `, or an upscaler that has it: ${others.map((one) => one.id).join(', ')}` : '';
  return new LeapError(
    'no-model',
    `${id} enlarges by ${own}, not by ${scale}. Choose one of its factors, the method ${filters}${able}.`,
    { kind, family, scale, id, candidates: others.map((one) => one.id) },
  );
}
