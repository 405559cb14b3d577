import type { Notice } from '../../client';
import type { Item } from './item';

/** A notice that may offer something to do about it. */
export interface PageNotice extends Notice {
  action?: { label: string; run: () => void };
  /** Somebody is at a notice that goes by itself, or no longer. */
  hold?: (held: boolean) => void;
  /** The entry that it is about: it is shown with that, and goes with it. */
  item?: Item;
  /** What it is about, where the words do not tell: an address whose last part is shown. */
  about?: string;
}
