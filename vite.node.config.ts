import { defineConfig } from 'vite';
import { licences } from './scripts/build/licences-plugin.ts';

/** Builds the command line for Node. Only onnxruntime-node stays an import, because it brings native libraries. */
export default defineConfig({
  publicDir: false,
  plugins: [licences()],
  ssr: { noExternal: true, external: ['onnxruntime-node'] },
  build: {
    ssr: 'src/cli/cli.ts',
    ssrEmitAssets: true,
    target: 'node20',
    outDir: 'dist/node',
    emptyOutDir: true,
    rolldownOptions: { output: { entryFileNames: 'cli.js' } },
  },
});
