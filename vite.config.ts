import { defineConfig } from 'vite';

// Cross-origin isolation is not needed; where a server gives it, the wasm backend gets threads.
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  build: { target: 'esnext', outDir: 'dist/page', emptyOutDir: true },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation, port: 4173, strictPort: false },
});
