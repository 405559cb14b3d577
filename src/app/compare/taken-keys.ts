import { targetNeedsKey } from '../../element/compare-keys';
import { openLayers } from '../ui/open-layers';

/** Is the key somebody else's: an open layer's, or the focused element's? */
export function isTaken(event: KeyboardEvent): boolean {
  return openLayers.size > 0 || targetNeedsKey(event);
}
