import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'dist', 'e2e-react');

/**
 * A page with examples/react.jsx inside the client component of examples/next, laid out as its README says. Next.js itself
 * is in `npm run check-bundlers -- next`.
 *
 * @returns a script that renders into `#root`; the library stays an import
 */
export async function bundleReact(): Promise<string> {
  const app = join(FOLDER, 'app');
  mkdirSync(app, { recursive: true });
  copyFileSync(join(ROOT, 'examples', 'react.jsx'), join(app, 'latent-picture.jsx'));
  for (const name of ['file-picture.jsx', 'page.jsx']) {
    copyFileSync(join(ROOT, 'examples', 'next', 'app', name), join(app, name));
  }
  const entry = join(app, 'main.jsx');
  writeFileSync(
    entry,
    `import { createRoot } from 'react-dom/client';
     import Page from './page';
     createRoot(document.querySelector('#root')).render(<Page />);`,
  );
  await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'esnext',
      outDir: join(FOLDER, 'out'),
      emptyOutDir: true,
      rolldownOptions: {
        input: entry,
        external: ['latent-leap'],
        output: { entryFileNames: 'main.js' },
      },
    },
  });
  return readFileSync(join(FOLDER, 'out', 'main.js'), 'utf8');
}
