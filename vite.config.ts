import { defineConfig } from 'vite';
import { CHECKS } from './scripts/build/checks.ts';
import { licences } from './scripts/build/licences-plugin.ts';
import { manifest } from './scripts/page/manifest-plugin.ts';
import { openPage } from './scripts/page/open-page-plugin.ts';
import { contentSecurityPolicy } from './scripts/page/security-headers.ts';
import { serviceWorker } from './scripts/page/service-worker-plugin.ts';

export default defineConfig({
  base: './',
  // One page: what is missing is answered with 404, not with index.html.
  appType: 'mpa',
  plugins: [contentSecurityPolicy(), licences(), manifest(), openPage(), serviceWorker()],
  build: { target: 'esnext', outDir: 'dist/page', emptyOutDir: true, rolldownOptions: { checks: CHECKS } },
  worker: { format: 'es', rolldownOptions: { checks: CHECKS } },
  preview: { port: 4173, strictPort: false },
});
