import type { PageNotice } from '../state/notices';

/** How long the first visit waits for the service worker before it continues without it. */
const PATIENCE_MS = 4000;

type Notify = (notice: PageNotice) => void;

/**
 * Registers the service worker and waits until it controls the page, so that all that is loaded from then on,
 * the wasm above all, is kept for the next visit. Never fails: without a service worker the page works online.
 */
export async function prepareOffline(notify: Notify): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const controlled = serviceWorker.controller ? Promise.resolve() : nextController(serviceWorker);
  let registration: ServiceWorkerRegistration;
  try {
    registration = await serviceWorker.register(new URL('service-worker.js', document.baseURI));
    tellOfUpdates(serviceWorker, registration, notify);
  } catch (reason) {
    console.warn('No service worker: the page will need the network next time.', reason);
    return;
  }
  let late = false;
  const patience = new Promise<void>((resolve) =>
    setTimeout(() => {
      late = true;
      resolve();
    }, PATIENCE_MS),
  );
  // If the worker took control too late, the page may have loaded the wasm without it.
  void controlled.then(() => late && serviceWorker.controller?.postMessage('keep-wasm'));
  await Promise.race([controlled, patience, failure(registration.installing)]);
}

/** Resolves when this service worker could not be installed: a file of the page did not come as it was built. */
function failure(installing: ServiceWorker | null): Promise<void> {
  return new Promise((resolve) => {
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'redundant') resolve();
    });
  });
}

function nextController(serviceWorker: ServiceWorkerContainer): Promise<void> {
  return new Promise((resolve) => {
    serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
  });
}

/**
 * A new version waits until every page of the old one is closed, or until the person says so: then this page
 * starts again, and the other pages are told that their files have changed.
 */
function tellOfUpdates(
  serviceWorker: ServiceWorkerContainer,
  registration: ServiceWorkerRegistration,
  notify: Notify,
): void {
  const offer = (next: ServiceWorker) =>
    notify({
      code: 'update',
      message: 'A new version of this page is here.',
      action: { label: 'Update now', run: () => update(next) },
    });
  const update = (next: ServiceWorker) => {
    void nextController(serviceWorker).then(() => location.reload());
    next.postMessage('update-now');
  };
  if (registration.waiting) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const next = registration.installing;
    next?.addEventListener('statechange', () => {
      if (next.state === 'installed' && registration.active) offer(next);
    });
  });
  if (!serviceWorker.controller) return;
  void nextController(serviceWorker).then(() =>
    notify({
      code: 'updated',
      message: 'A new version of this page was started in another tab.',
      action: { label: 'Reload', run: () => location.reload() },
    }),
  );
}

/** Asks the browser not to evict the stored models under pressure. */
export async function askToPersist(): Promise<void> {
  if (!(await navigator.storage?.persisted?.())) await navigator.storage?.persist?.();
}
