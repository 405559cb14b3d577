import type { FamilyId, ModelStatus } from '../../client';
import { joinWords } from '../../join-words';
import { FAMILY_LABELS } from '../text/family-labels';

/** For which families the page works without a network: those whose embedded models are all stored. */
export function describeOffline(models: readonly ModelStatus[]): string {
  const embedded = models.filter((model) => model.embedded);
  const families = [...new Set(embedded.map(({ family }) => family))];
  const isStored = (family: FamilyId) => embedded.every((model) => model.family !== family || model.complete);
  const stored = families.filter(isStored);
  if (stored.length === 0) return '';
  if (stored.length === families.length)
    return 'The embedded models of all families are stored: they need no network.';
  const names = joinWords(stored.map((family) => FAMILY_LABELS[family]));
  return `The embedded models of ${names} are stored: they need no network.`;
}
