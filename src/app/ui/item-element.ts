import type { Item } from '../state/item';
import type { PageState } from '../state/page-state';
import { LeapElement } from './leap-element';

/** An element about one item of the queue. */
export class ItemElement extends LeapElement {
  static override properties = { page: { attribute: false }, item: { attribute: false }, version: {} };

  declare page: PageState;
  declare item: Item;
  /** Changes with what is shown of the item, which is changed in place, so that this element renders again. */
  declare version: unknown;
}
