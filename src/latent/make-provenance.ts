import type { Provenance } from './types';

/** The provenance of a latent that was not read from a file. Defaults are those of a bare tensor in model space. */
export function makeProvenance(known: Partial<Provenance>): Provenance {
  return {
    name: '',
    container: 'none',
    writer: '',
    tensor: '',
    shape: [],
    dtype: 'F32',
    space: 'model',
    preScale: 1,
    item: 0,
    items: 1,
    guesses: [],
    history: [],
    ...known,
  };
}
