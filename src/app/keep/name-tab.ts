import { recall, remember } from '../ui/remember';

const TAB_KEY = 'latent-leap-tab';
/** The lock of a tab is this and its name. */
const LOCK = `${TAB_KEY} `;
/** A page that is loaded again may come before its predecessor has gone. */
const PATIENCE_MS = 1000;

/**
 * A name that stays the same when the tab is loaded again, and that no other open tab has. Browsers copy the session's
 * storage to a duplicate of a tab, so the tab holds a lock of its name for as long as it is open.
 */
export async function nameTab(): Promise<string> {
  const known = recall(TAB_KEY, 'sessionStorage');
  if (known && (await hold(known))) return known;
  const name = crypto.randomUUID();
  remember(TAB_KEY, name, 'sessionStorage');
  await hold(name);
  return name;
}

/** Names of the tabs that are open; undefined where that cannot be known. */
export async function listOpenTabs(): Promise<ReadonlySet<string> | undefined> {
  const locks = await globalThis.navigator?.locks?.query().catch(() => undefined);
  const names = locks?.held?.map(({ name }) => name ?? '');
  return (
    names && new Set(names.filter((name) => name.startsWith(LOCK)).map((name) => name.slice(LOCK.length)))
  );
}

/** @returns false where another tab holds it; true where there are no locks */
function hold(name: string): Promise<boolean> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    locks
      .request(`${LOCK}${name}`, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch((error: unknown) =>
        resolve(!(error instanceof DOMException) || !/^(Timeout|Abort)Error$/.test(error.name)),
      );
  });
}
