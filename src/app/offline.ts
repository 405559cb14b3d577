import type { Notice } from '../client';

/** How long the first visit waits for the service worker before it goes on without it. */
const PATIENCE_MS = 4000;

/**
 * Registers the service worker and waits until it controls the page, so that all that is loaded from then on,
 * the wasm above all, is kept for the next visit. Never fails: without a service worker the page works online.
 */
export async function prepareOffline(onNotice: (notice: Notice) => void): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const controlled = new Promise<void>((resolve) => {
    if (serviceWorker.controller) resolve();
    else serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
  });
  try {
    const registration = await serviceWorker.register(new URL('service-worker.js', document.baseURI));
    tellOfUpdates(registration, onNotice);
  } catch (reason) {
    console.warn('No service worker: the page will need the network next time.', reason);
    return;
  }
  await Promise.race([controlled, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** A new version waits until every page of the old one is closed. */
function tellOfUpdates(registration: ServiceWorkerRegistration, onNotice: (notice: Notice) => void): void {
  registration.addEventListener('updatefound', () => {
    const next = registration.installing;
    next?.addEventListener('statechange', () => {
      if (next.state !== 'installed' || !registration.active) return;
      onNotice({
        code: 'update',
        message: 'A new version is here. Close this page and open it again to use it.',
      });
    });
  });
}

/** Asks the browser not to evict the stored models under pressure. */
export async function askToPersist(): Promise<void> {
  if (!(await navigator.storage?.persisted?.())) await navigator.storage?.persist?.();
}
