import type { ModelStatus } from '../../client';
import { isBusy } from '../state/item';
import type { PageState } from '../state/page-state';
import { formatBytes } from '../text/format';

/** How long nothing must have happened. */
const IDLE_MS = 30_000;

/**
 * After the first picture, and when nothing else is to be done, fetches what comes with the page for the families
 * that were not used yet: then the page works for all of them without a network. On a connection that is paid for
 * by the byte it asks.
 */
export function fetchRest(page: PageState): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (page.device && !page.items.some(isBusy)) timer = setTimeout(start, IDLE_MS);
  };
  const start = async () => {
    page.removeEventListener('change', wait);
    const missing = await findMissing(page);
    if (!missing.length) return;
    if (!isMetered()) {
      const whole = await fetchAll(page, missing);
      if (!whole && !navigator.onLine) addEventListener('online', listen, { once: true });
      return;
    }
    const bytes = missing.reduce((sum, model) => sum + model.bytes - model.cachedBytes, 0);
    const notice = {
      code: 'offline',
      message: `Fetch up to ${formatBytes(bytes)}, so that this page works without a network for every family?`,
      action: {
        label: 'Fetch',
        run: () => {
          page.dismiss(notice);
          void fetchAll(page, missing);
        },
      },
    };
    page.notify(notice);
  };
  const listen = () => {
    page.addEventListener('change', wait);
    wait();
  };
  listen();
}

async function findMissing({ reader }: PageState): Promise<ModelStatus[]> {
  const models = await reader.use((upscaler) => upscaler.models()).catch(() => []);
  return models.filter(({ embedded, complete }) => embedded && !complete);
}

/**
 * One after the other, and quietly: what fails now is fetched when it is used.
 * @returns whether all are there
 */
async function fetchAll(page: PageState, models: readonly ModelStatus[]): Promise<boolean> {
  for (const { id } of models) {
    const fetched = await page.reader.use((upscaler) => upscaler.fetchModel(id)).catch(() => undefined);
    if (!fetched) return false;
  }
  await page.shelf.load();
  return true;
}

/** As far as the browser tells: only Chromium does. */
function isMetered(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean; type?: string } };
  return Boolean(connection?.saveData) || connection?.type === 'cellular';
}
