import type { PageState } from '../state/page-state';

/**
 * Serves the page that opened this one, where there is one. With the usual headers index.html never has an opener:
 * cross-origin isolation cuts the connection. open.html is the same page without that header.
 */
export async function listenToOpener(page: PageState): Promise<void> {
  const opener = window.opener as Window | null;
  if (opener) {
    const { OpenerService } = await import('./opener-service');
    new OpenerService(page, opener).start(window);
  } else if (location.pathname.endsWith('/open.html')) {
    page.notify({
      code: 'opened',
      message:
        'No other page is connected to this one. If one was to send a latent, save the file there and drop it here.',
    });
  }
}
