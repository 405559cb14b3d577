import type { ModelStatus } from '../../client';

/** 'TAEF1' for 'TAEF1, FLUX.1', where the family is shown anyway. A name that a person gave is not shortened. */
export function nameModel({ label, custom }: Pick<ModelStatus, 'label' | 'custom'>): string {
  return custom ? label : (label.split(', ')[0] ?? label);
}
