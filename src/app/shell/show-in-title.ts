import { SIDES } from '../state/choice';
import { currentRun, type Item } from '../state/item';
import type { PageState } from '../state/page-state';
import { progressShare } from '../text/describe-progress';

const NAME = 'Latent Leap';

/** Says in the tab how far the work has got, for those who look at another tab meanwhile. */
export function showInTitle(page: PageState): void {
  page.addEventListener('change', () => {
    const title = nameTab(page.items);
    if (document.title !== title) document.title = title;
  });
}

/** '25 % · photo.latent · Latent Leap', of the first item of the queue that is worked on. */
export function nameTab(items: readonly Item[]): string {
  for (const item of items) {
    if (item.reading) {
      const share = progressShare(item.encoding);
      const doing = share === undefined ? 'Reading' : `${formatPercent(share)} read ·`;
      return `${doing} ${item.name} · ${NAME}`;
    }
    const sides = SIDES.map((side) => currentRun(item)[side]);
    const running = sides.find((side) => side.state === 'running');
    if (!running) continue;
    const { progress, share = 0 } = running.forecast;
    // Each side is half of the item; what is fetched for it is none of it.
    const done = sides.filter(({ state }) => state === 'done').length;
    const all = (done + (progress?.phase === 'download' ? 0 : share)) / SIDES.length;
    return `${formatPercent(all)} · ${item.name} · ${NAME}`;
  }
  return NAME;
}

function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
