import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIBRARY_DIR } from './embed-site';

/** The built library through the bundlers of other people, by the configuration that docs/embedding.md gives. */

const FOLDER = fileURLToPath(new URL('../../dist/', import.meta.url));
const LIBRARY = join(LIBRARY_DIR, 'index.js');

/** @returns the folder with bundle.js, which makes the library `window.leap`, and all that belongs to it */
export async function bundleWithWebpack(): Promise<string> {
  const { default: webpack } = (await import('webpack' as string)) as { default: Webpack };
  const path = join(FOLDER, 'e2e-webpack');
  const options = {
    mode: 'production',
    context: LIBRARY_DIR,
    entry: `data:text/javascript,import * as leap from ${JSON.stringify(LIBRARY)}; window.leap = leap;`,
    output: { path, filename: 'bundle.js', clean: true },
    performance: false,
  };
  return new Promise((resolve, reject) => {
    webpack(options, (error, stats) => {
      if (error || stats?.hasErrors()) reject(error ?? new Error(stats!.toString()));
      else resolve(path);
    });
  });
}

/** Rollup follows no workers: the page has to say where the worker is. @returns the folder with index.js, which exports the library */
export async function bundleWithRollup(): Promise<string> {
  const { rollup } = (await import('rollup' as string)) as { rollup: Rollup };
  const { importMetaAssets } = (await import('@web/rollup-plugin-import-meta-assets' as string)) as {
    importMetaAssets(): object;
  };
  const dir = join(FOLDER, 'e2e-rollup');
  const bundle = await rollup({ input: LIBRARY, plugins: [importMetaAssets()] });
  await bundle.write({ dir, format: 'es' });
  await bundle.close();
  return dir;
}

type Webpack = (
  options: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; toString(): string }) => void,
) => void;
type Rollup = (
  options: object,
) => Promise<{ write(options: object): Promise<unknown>; close(): Promise<void> }>;
