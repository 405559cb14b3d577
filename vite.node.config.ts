import { defineConfig } from 'vite';

/** Builds the command line for Node. Only onnxruntime-node stays an import, because it brings native libraries. */
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, external: ['onnxruntime-node'] },
  build: {
    ssr: 'src/cli/cli.ts',
    target: 'node20',
    outDir: 'dist/node',
    emptyOutDir: true,
    rolldownOptions: { output: { entryFileNames: 'cli.js' } },
  },
});
