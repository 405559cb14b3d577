import type { PageState } from '../state/page-state';

/**
 * Fetches code that is needed now. What does not come is said, with the way out: reloading gets the files of a version
 * that was published meanwhile, too, and the queue is kept for it.
 * @returns whether it is there
 */
export async function importPart(page: PageState, load: () => Promise<unknown>): Promise<boolean> {
  try {
    await load();
    return true;
  } catch {
    page.notify({
      code: 'part-missing',
      message: 'A part of this page could not be fetched. Check the connection, then reload the page.',
      action: { label: 'Reload', run: () => location.reload() },
    });
    return false;
  }
}
