import type { Provenance } from './types';

/** Of a latent that was read from no file. What is not known is as of a bare tensor in model space. */
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
