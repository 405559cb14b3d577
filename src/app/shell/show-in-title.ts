import { SIDES, type SideId } from '../state/choice';
import { currentRun, type Item } from '../state/item';
import type { PageState } from '../state/page-state';
import { progressShare } from '../text/describe-progress';

const NAME = 'Latent Leap';

/** Says in the tab how far the work has got, for those who look at another tab meanwhile. */
export function showInTitle(page: PageState): void {
  page.addEventListener('change', () => {
    const title = writeTitle(page.items);
    if (document.title !== title) document.title = title;
  });
}

/** '25 % · photo.latent · Latent Leap', of the first item of the queue that is worked on. */
export function writeTitle(items: readonly Item[]): string {
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
    // What is fetched for a side is none of its work.
    const under = progress?.phase === 'download' ? 0 : share;
    let [done, all] = [0, 0];
    for (const id of SIDES) {
      const side = currentRun(item)[id];
      const work = workOf(item, id);
      done += work * (side === running ? under : Number(side.state === 'done'));
      all += work;
    }
    return `${formatPercent(done / all)} · ${item.name} · ${NAME}`;
  }
  return NAME;
}

/** About how much a side has to do: a picture that is enlarged after decoding is decoded at its own size. */
function workOf({ choices, scale }: Item, side: SideId): number {
  return choices[side].method === 'pixels' ? 1 : scale ** 2;
}

function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
