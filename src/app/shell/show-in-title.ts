import { SIDES } from '../state/choice';
import { currentRun } from '../state/item';
import type { PageState } from '../state/page-state';

const NAME = 'Latent Leap';

/** Says in the tab how far the work has got, for those who look at another tab meanwhile. */
export function showInTitle(page: PageState): void {
  page.addEventListener('change', () => {
    const title = describeWork(page);
    if (document.title !== title) document.title = title;
  });
}

function describeWork({ items }: PageState): string {
  for (const item of items) {
    if (item.reading) return `Reading ${item.name} · ${NAME}`;
    for (const [index, side] of SIDES.entries()) {
      const result = currentRun(item)[side];
      if (result.state !== 'running') continue;
      // Each side is half of the item.
      const share = (index + (result.forecast.share ?? 0)) / SIDES.length;
      return `${Math.round(share * 100)} % · ${item.name} · ${NAME}`;
    }
  }
  return NAME;
}
