import type { ModelStatus } from '../../client';
import { isBusy } from '../state/item';
import type { Session } from '../state/session';
import { formatBytes } from '../text/format';

/** How long nothing must have happened. */
const IDLE_MS = 30_000;

/**
 * After the first picture, and when nothing else is to be done, fetches what comes with the page for the families
 * that were not used yet: then the page works for all of them without a network. On a connection that is paid for
 * by the byte it asks.
 */
export function fetchRest(session: Session): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (session.device && !session.items.some(isBusy)) timer = setTimeout(start, IDLE_MS);
  };
  const start = async () => {
    session.removeEventListener('change', wait);
    const missing = await findMissing(session);
    if (!missing.length) return;
    if (!isMetered()) return fetchAll(session, missing);
    const bytes = missing.reduce((sum, model) => sum + model.bytes - model.cachedBytes, 0);
    const notice = {
      code: 'offline',
      message: `Fetch up to ${formatBytes(bytes)}, so that this page works without a network for every family?`,
      action: {
        label: 'Fetch',
        run: () => {
          session.dismiss(notice);
          void fetchAll(session, missing);
        },
      },
    };
    session.notify(notice);
  };
  session.addEventListener('change', wait);
}

async function findMissing({ reader }: Session): Promise<ModelStatus[]> {
  const models = await reader.use((upscaler) => upscaler.models()).catch(() => []);
  return models.filter(({ embedded, complete }) => embedded && !complete);
}

/** One after the other, and quietly: what fails now is fetched when it is used. */
async function fetchAll(session: Session, models: readonly ModelStatus[]): Promise<void> {
  for (const { id } of models) {
    const fetched = await session.reader.use((upscaler) => upscaler.fetchModel(id)).catch(() => undefined);
    if (!fetched) return;
  }
  await session.shelf.load();
}

/** As far as the browser tells: only Chromium does. */
function isMetered(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean; type?: string } };
  return Boolean(connection?.saveData) || connection?.type === 'cellular';
}
