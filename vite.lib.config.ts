import { defineConfig } from 'vite';
import { CHECKS } from './scripts/build/checks.ts';
import { licences } from './scripts/build/licences-plugin.ts';
import { forBundlers } from './scripts/lib/for-bundlers.ts';

/**
 * Builds the client with its worker and the wasm, for embedding. Vite's library mode is not used, because it would
 * put the wasm into the script as text. The worker's file has a fixed name, for hosts that start the worker themselves.
 */
export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [forBundlers(), licences()],
  worker: { format: 'es', rolldownOptions: { checks: CHECKS, output: { entryFileNames: 'worker.js' } } },
  build: {
    target: 'esnext',
    outDir: 'dist/lib',
    emptyOutDir: true,
    // Its helper resolves addresses in a way that webpack cannot follow.
    modulePreload: false,
    rolldownOptions: {
      checks: CHECKS,
      input: {
        index: 'src/client/index.ts',
        element: 'src/element/index.ts',
        open: 'src/client/open/index.ts',
      },
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: '[name].js' },
    },
  },
});
