import { KeptWork } from '../state/kept-work';
import type { Session } from '../state/session';

/** Changes come in bursts; what is kept is the state after them. */
const SETTLE_MS = 400;

/** Keeps the queue of this tab for a reload, and offers what an earlier load of it held. */
export async function keepWork(session: Session): Promise<void> {
  const work = new KeptWork();
  const before = await work.load();
  if (before.length && !session.items.length) {
    const what = before.length === 1 ? before[0]!.name : `${before.length} files`;
    const notice = {
      code: 'kept',
      message: `You were working on ${what} here.`,
      action: {
        label: 'Bring back',
        run: () => {
          session.dismiss(notice);
          session.add(before);
        },
      },
    };
    session.notify(notice);
  }
  let last = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  session.addEventListener('change', () => {
    const now = fingerprint(session);
    if (now === last) return;
    last = now;
    clearTimeout(timer);
    timer = setTimeout(() => void work.save(session.items), SETTLE_MS);
  });
}

/** What is kept of the queue, without its files: changes when something has to be kept anew. */
function fingerprint({ items }: Session): string {
  return JSON.stringify(
    items.map(({ id, hints, scale, choices, latent }) => [id, hints, scale, choices, !latent]),
  );
}
