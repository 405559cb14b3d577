import { FAMILIES } from '../families';
import { listChannels, OWN_CHANNELS } from '../shape/read-shape';
import { fitsForeign } from './foreign-families';
import type { Named } from './name-hints';

/** Which of the families that a name speaks of a tensor of that shape could be. */
export function fitsShape(shape: readonly number[]): (named: Named) => boolean {
  const channels = listChannels(shape);
  return (named) =>
    'family' in named
      ? channels.includes(FAMILIES[named.family].channels)
      : fitsForeign(named.foreign, shape, OWN_CHANNELS);
}
