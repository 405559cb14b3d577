import { defineConfig } from 'vite';

/** Builds the command line for Node. Packages stay imports, because onnxruntime-node brings native libraries. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: 'src/cli/cli.ts',
    target: 'node20',
    outDir: 'dist/node',
    emptyOutDir: true,
    rolldownOptions: { output: { entryFileNames: 'cli.js' } },
  },
});
