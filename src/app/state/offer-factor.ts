import type { Latent, Scale } from '../../client';
import { explainFactor } from '../text/explain-factor';
import { formatFactor } from '../text/format';
import type { Choice, SideId } from './choice';
import { factorsOf, type Models } from './choosing/factors';
import type { Item } from './item';
import type { PageNotice } from './notices';

/** What an offer asks of the page. */
export interface Offering {
  readonly shelf: Models;
  choose(item: Item, side: SideId, choice: Choice): void;
  setScale(item: Item, scale: Scale): void;
}

/** Says why an item begins with another factor than was asked, and offers bicubic on the right where that has it. */
export function offerFactor(page: Offering, item: Item, latent: Latent, asked: Scale): PageNotice {
  const notice: PageNotice = {
    code: 'other-factor',
    message: explainFactor(item, latent, asked, page.shelf),
    item,
  };
  const bicubic = { method: 'bicubic', lua: undefined, decoder: item.choices.right.decoder } as const;
  if (factorsOf(bicubic, latent, page.shelf, asked).includes(asked)) {
    const run = () => {
      page.choose(item, 'right', bicubic);
      page.setScale(item, asked);
    };
    notice.action = { label: `${formatFactor(asked)} by bicubic`, run };
  }
  return notice;
}
