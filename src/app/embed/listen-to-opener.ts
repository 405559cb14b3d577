import type { Session } from '../state/session';

/**
 * Serves the page that opened this one, where there is one. With the usual headers index.html never has an opener:
 * cross-origin isolation cuts the connection. open.html is the same page without that header.
 */
export async function listenToOpener(session: Session): Promise<void> {
  const opener = window.opener as Window | null;
  if (opener) {
    const { OpenerService } = await import('./opener-service');
    new OpenerService(session, opener).start(window);
  } else if (location.pathname.endsWith('/open.html')) {
    session.notify({
      code: 'opened',
      message:
        'No other page is connected to this one. If one was to send a latent, save the file there and drop it here.',
    });
  }
}
