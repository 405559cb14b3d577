import { defineConfig } from 'vite';
import { licences } from './scripts/build/licences-plugin.ts';
import { contentSecurityPolicy, PAGE_HEADERS } from './scripts/page/security-headers.ts';
import { serviceWorker } from './scripts/page/service-worker-plugin.ts';

// While developing, styles are injected inline and modules are reloaded over a socket: isolation only, no policy.
const isolation = {
  'Cross-Origin-Opener-Policy': PAGE_HEADERS['Cross-Origin-Opener-Policy'],
  'Cross-Origin-Embedder-Policy': PAGE_HEADERS['Cross-Origin-Embedder-Policy'],
};

export default defineConfig({
  base: './',
  // One page: what is missing is answered with 404, not with index.html.
  appType: 'mpa',
  plugins: [contentSecurityPolicy(), licences(), serviceWorker()],
  build: { target: 'esnext', outDir: 'dist/page', emptyOutDir: true },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: PAGE_HEADERS, port: 4173, strictPort: false },
});
