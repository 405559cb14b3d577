import { SIDES } from '../state/choice';
import { currentRun } from '../state/item';
import type { PageNotice } from '../state/notices';
import type { PageState } from '../state/page-state';
import { KeptWork } from './kept-work';

/** Changes come in bursts; what is kept is the state after them. */
const SETTLE_MS = 400;

/** Keeps the queue of this tab for a reload, with its pictures, and offers what an earlier load of it held. */
export async function keepWork(page: PageState): Promise<void> {
  const work = new KeptWork();
  const before = await work.load();
  let offer: PageNotice | undefined;
  if (before.length) {
    const what = before.length === 1 ? before[0]!.name : `${before.length} files`;
    const notice: PageNotice = {
      code: 'kept',
      message: `You were working on ${what} here.`,
      action: {
        label: 'Bring back',
        run: () => {
          page.dismiss(notice);
          page.add(before);
        },
      },
    };
    offer = notice;
    page.notify(notice);
  }
  let last = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  page.addEventListener('change', () => {
    const offered = offer && page.notices.includes(offer) ? before : [];
    const now = `${fingerprint(page)} ${offered.length}`;
    if (now === last) return;
    last = now;
    clearTimeout(timer);
    timer = setTimeout(() => void work.save(page.items, offered), SETTLE_MS);
  });
}

/** What is kept of the queue, without its files and pictures: changes when something has to be kept anew. */
function fingerprint({ items }: PageState): string {
  return JSON.stringify(
    items.map((item) => {
      const { id, hints, scale, choices, latent, checkpoint, error } = item;
      const states = SIDES.map((side) => currentRun(item)[side].state);
      return [id, hints, scale, choices, !latent, !checkpoint, !error, states];
    }),
  );
}
