import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './pack-library.ts';

/** A site in a folder of its own, where the package is installed by npm. */
export interface Bundler {
  /** As the guide calls it. */
  label: string;
  /** Markdown: what an embedder has to do. */
  needs: string;
  /** Packages that are installed beside latent-leap. */
  packages: readonly string[];
  /** Writes the site's sources, before anything is installed. */
  write(folder: string): void;
  /** Makes of them what is served. */
  build(folder: string): void;
  /** What it serves is not what visitors fetch. */
  unminified?: true;
  /** Folder that is served; or a command that serves, to which the port is added. */
  serve: { folder: string } | { command: readonly [string, ...string[]] };
}

/** The versions that the tests use are tried here too. */
const { devDependencies } = readJson('package.json') as { devDependencies: Record<string, string> };
const next = readJson('examples/next/package.json') as { dependencies: Record<string, string> };
const NEXT_PACKAGES = Object.entries(next.dependencies)
  .filter(([name]) => name !== 'latent-leap')
  .map(([name, version]) => `${name}@${version}`);

const MODELS = "'https://cdn.jsdelivr.net/npm/latent-leap@0.1.0/public/models/'";

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  vite: {
    label: 'Vite 8',
    needs: 'nothing',
    packages: [version('vite')],
    write: (folder) => writeSite(folder),
    build: (folder) => void run('npx', ['vite', 'build'], folder),
    serve: { folder: 'dist' },
  },
  'vite-dev': {
    label: 'Vite 8, while developing',
    // Older ones do not find the worker of what they bundle ahead.
    needs: "nothing; Vite 7: `optimizeDeps: { exclude: ['latent-leap'] }`",
    packages: [version('vite')],
    write: (folder) => writeSite(folder),
    build: () => {},
    unminified: true,
    serve: { command: ['npx', 'vite', '--strictPort', '--port'] },
  },
  webpack: {
    label: 'webpack 5',
    needs: 'nothing; three warnings of a "critical dependency" mean nothing',
    packages: [version('webpack'), 'webpack-cli@7.3.1'],
    write: (folder) => writeSite(folder, { page: 'dist' }),
    build: (folder) => void run('npx', ['webpack', '--mode', 'production', '--entry', './main.js'], folder),
    serve: { folder: 'dist' },
  },
  rollup: {
    label: 'Rollup 4',
    needs:
      "`@web/rollup-plugin-import-meta-assets` for models and for `thread: 'this'`; it does not follow workers: serve `dist/lib` and pass `worker: '/latent-leap/worker.js'`",
    packages: [
      version('rollup'),
      '@rollup/plugin-node-resolve@16.0.3',
      version('@web/rollup-plugin-import-meta-assets'),
    ],
    write(folder) {
      writeSite(folder, { page: 'dist', options: "worker: '/latent-leap/worker.js'" });
      writeFileSync(
        join(folder, 'rollup.config.js'),
        `import { nodeResolve } from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';
const plugins = [nodeResolve({ browser: true }), importMetaAssets()];
export default { input: 'main.js', output: { dir: 'dist', format: 'es' }, plugins };
`,
      );
    },
    build(folder) {
      run('npx', ['rollup', '--config'], folder);
      cpSync(join(folder, 'node_modules/latent-leap/dist/lib'), join(folder, 'dist/latent-leap'), {
        recursive: true,
      });
    },
    serve: { folder: 'dist' },
  },
  next: nextWith('Turbopack', []),
  'next-webpack': nextWith('webpack', ['--webpack']),
  plain: {
    label: 'a plain page',
    needs:
      "an import map to `dist/lib/index.js`; from a CDN the worker starts from the page's own origin by itself, with one thread",
    packages: [],
    write: (folder) => writeSite(folder, { installed: '/node_modules/latent-leap/' }),
    build: () => {},
    serve: { folder: '.' },
  },
};

function nextWith(name: string, options: string[]): Bundler {
  return {
    label: `Next.js 16, app router (${name})`,
    needs:
      "a client component (`'use client'`) as in [examples/next](../examples/next); models in `public/models`" +
      (options.length > 0 ? `; \`${options.join(' ')}\`` : ''),
    packages: NEXT_PACKAGES,
    write(folder) {
      cpSync(join(ROOT, 'examples/next'), folder, { recursive: true });
      cpSync(join(ROOT, 'examples/react.jsx'), join(folder, 'app/latent-picture.jsx'));
    },
    build(folder) {
      run('npm', ['run', 'models'], folder);
      run('npx', ['next', 'build', ...options], folder);
    },
    serve: { command: ['npx', 'next', 'start', '--port'] },
  };
}

interface SiteOptions {
  /** Folder of index.html, where bundlers do not take it along. */
  page?: string;
  /** Options of createUpscaler that this bundler needs. */
  options?: string;
  /** Address of the package, for a page that nothing bundles. */
  installed?: string;
}

/**
 * Writes examples/plain.html as an embedder would: with a bundler its script is a file, the import map goes, and the
 * models are imported.
 */
function writeSite(folder: string, { page = '.', options, installed }: SiteOptions = {}): void {
  const html = readFileSync(join(ROOT, 'examples/plain.html'), 'utf8');
  mkdirSync(join(folder, page), { recursive: true });
  if (installed) {
    const local = html.replaceAll('https://cdn.jsdelivr.net/npm/latent-leap@0.1.0/', installed);
    writeFileSync(join(folder, 'index.html'), local);
    return;
  }
  const [, script] = /<script type="module">([\s\S]*)<\/script>/.exec(html)!;
  const models = options ? `sdxl, ${options}` : 'sdxl';
  if (!script!.includes(MODELS))
    throw new Error(`examples/plain.html does not name its models as ${MODELS}.`);
  writeFileSync(
    join(folder, 'main.js'),
    `import sdxl from 'latent-leap/models/sdxl';\n${script!.replace(MODELS, models)}`,
  );
  const rest = html.replace(/<script type="importmap">[\s\S]*?<\/script>\n/, '');
  const bundled = rest.replace(
    /<script type="module">[\s\S]*<\/script>/,
    '<script type="module" src="./main.js"></script>',
  );
  writeFileSync(join(folder, page, 'index.html'), bundled);
}

function version(name: string): string {
  return `${name}@${devDependencies[name]}`;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}
