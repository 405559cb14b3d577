import { FAMILIES, type FamilyId, type Space } from '../../client';

/** In the order of the table of families. */
export const FAMILY_LABELS = Object.fromEntries(
  Object.entries(FAMILIES).map(([id, { name }]) => [id, name]),
) as Record<FamilyId, string>;

export const SPACE_LABELS: Record<Space, string> = { model: 'Model', decoder: 'Decoder' };
