import type { FamilyId, Space } from '../../client';

/** In the order in which people meet them. */
export const FAMILY_LABELS: Record<FamilyId, string> = {
  sd15: 'SD 1.5',
  sdxl: 'SDXL',
  sd3: 'SD 3',
  flux1: 'FLUX.1',
  flux2: 'FLUX.2',
};

export const SPACE_LABELS: Record<Space, string> = { model: 'Model', decoder: 'Decoder' };
