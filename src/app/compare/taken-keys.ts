import { targetNeedsKey } from '../../element/compare-keys';
import { openLayers } from '../ui/open-layers';
import { singleKeysWorkEverywhere } from './single-keys';

/** Is the key somebody else's: an open layer's, or the focused element's? Or is it off where the focus is? */
export function isTaken(event: KeyboardEvent): boolean {
  if (openLayers.size > 0 || targetNeedsKey(event)) return true;
  return event.key.length === 1 && !singleKeysWorkEverywhere() && !isOnPictures(event);
}

function isOnPictures(event: KeyboardEvent): boolean {
  return event
    .composedPath()
    .some((node) => node instanceof HTMLElement && node.localName === 'latent-compare');
}
