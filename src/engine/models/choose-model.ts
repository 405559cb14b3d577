import { LeapError } from '../../errors';
import { offersScale } from '../../factor';
import { joinWords } from '../../join-words';
import type { FamilyId } from '../../latent/types';
import { KIND_NAMES } from '../../model-kinds';
import type { Catalog, CatalogEntry, ModelKind } from '../../weights/types';

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
  const pick = (entries: readonly CatalogEntry[]) =>
    entries.find((entry) => (id === undefined ? entry.embedded : entry.id === id));
  const ofFamily = catalog.models.filter(
    (entry) => entry.kind === kind && (kind === 'enlarger' || entry.family === family),
  );
  const candidates = ofFamily.filter((entry) => scale === undefined || offersScale(entry, scale));
  const chosen = pick(candidates);
  if (chosen) return chosen;
  // What would be chosen if the factor did not matter.
  const refused = pick(ofFamily);
  if (refused && scale !== undefined) throw refuseScale(refused, scale, candidates);
  const wanted = `${KIND_NAMES[kind]}${scale ? ` x${scale}` : ''} for ${family}`;
  throw new LeapError(
    'no-model',
    id === undefined
      ? `The catalogue has no embedded ${wanted}. In a page of your own, "latent-leap copy-models" adds a family's models.`
      : `The catalogue has no ${wanted} called ${id}.`,
    { kind, family, scale, id, candidates: candidates.map((entry) => entry.id) },
  );
}

function refuseScale(
  { id, kind, family, scales = [], scaleRange }: CatalogEntry,
  scale: number,
  others: readonly CatalogEntry[],
): LeapError {
  const own = scaleRange ? `above ${scaleRange[0]} and up to ${scaleRange[1]}` : scales.join(' and ');
  const choices = ['one of its factors'];
  if (kind === 'lua') choices.push('the method bicubic', 'the method pixels');
  else choices.push('the method pixels without an upscaler');
  if (others.length > 0) choices.push(`an upscaler that has it (${others.map((one) => one.id).join(', ')})`);
  return new LeapError(
    'no-model',
    `${id} enlarges by ${own}, not by ${scale}. Choose ${joinWords(choices, 'or')}.`,
    { kind, family, scale, id, candidates: others.map((one) => one.id), complete: true },
  );
}
