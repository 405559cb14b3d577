import { FAMILIES } from '../families';
import { listChannels, OWN_CHANNELS } from '../shape/read-shape';
import { fitsForeign } from './foreign-families';
import type { Named } from './name-hints';

/** Whether a tensor of this shape can be of a family that a name speaks of. */
export function fitsShape(shape: readonly number[]): (named: Named) => boolean {
  const channels = listChannels(shape);
  return (named) =>
    'family' in named
      ? channels.includes(FAMILIES[named.family].channels)
      : fitsForeign(named.foreign, shape, OWN_CHANNELS);
}
