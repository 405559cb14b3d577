import { targetNeedsKey } from '../../element/compare-keys';
import { comesFrom } from '../ui/comes-from';
import { openLayers } from '../ui/open-layers';
import { singleKeysWorkEverywhere } from './single-keys';

/** Is the key somebody else's: an open layer's, the focused element's, or the page's? Or is it off where the focus is? */
export function isTaken(event: KeyboardEvent): boolean {
  if (openLayers.size > 0 || targetNeedsKey(event)) return true;
  if (comesFrom(event, 'latent-compare')) return false;
  if (scrollsPage(event)) return true;
  return event.key.length === 1 && !singleKeysWorkEverywhere();
}

/** In narrow windows the page is higher than its window. */
function scrollsPage({ key }: KeyboardEvent): boolean {
  const { scrollHeight, clientHeight } = document.documentElement;
  return /^( |Arrow.*)$/.test(key) && scrollHeight > clientHeight;
}
