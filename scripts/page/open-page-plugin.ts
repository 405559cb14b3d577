import type { Connect, Plugin } from 'vite';
import { headersOf, OPEN_PAGE } from './security-headers.ts';

/**
 * Serves index.html a second time as open.html, for generators that open the page in a window and talk to it, and sends
 * each file with its headers.
 */
export function openPage(): Plugin {
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    for (const [name, value] of Object.entries(headersOf(pathname))) response.setHeader(name, value);
    next();
  };
  return {
    name: 'leap-open-page',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const index = bundle['index.html'];
        if (index?.type !== 'asset') throw new Error('index.html was not built.');
        this.emitFile({ type: 'asset', fileName: OPEN_PAGE, source: index.source });
      },
    },
    configurePreviewServer: ({ middlewares }) => void middlewares.use(serve),
    // While developing, styles are injected inline and modules are reloaded over a socket: no policy then.
    configureServer: ({ middlewares }) =>
      void middlewares.use((request, response, next) => {
        const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
        for (const [name, value] of Object.entries(headersOf(pathname))) {
          if (name.startsWith('Cross-Origin')) response.setHeader(name, value);
        }
        if (pathname === `/${OPEN_PAGE}`) request.url = `/index.html${search}`;
        next();
      }),
  };
}
