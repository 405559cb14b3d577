import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import { type HubServer, startHub } from '../../src/testing/weights/hub-server';
import type * as WeightsPage from './weights-page';

declare global {
  interface Window {
    weights: typeof WeightsPage;
  }
}

/** One script with the weights room; built once for a file of tests. */
export async function bundleWeights(): Promise<Uint8Array> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const result = (await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'error',
    build: {
      target: 'esnext',
      write: false,
      rolldownOptions: { input: 'e2e/support/weights-page.ts', preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput;
  return encode(result.output[0].code);
}

/** A blank page with the weights room in `window.weights`, on an origin of its own. */
export async function openSite(script: Uint8Array, catalog: unknown): Promise<HubServer> {
  const site = await startHub();
  putCatalog(site, catalog);
  site.put('/weights.js', script, 'text/javascript');
  const page = `<!doctype html><link rel="icon" href="data:,"><script type="module">
    window.weights = await import('../weights.js');
  </script>`;
  site.put('/', encode(page), 'text/html');
  return site;
}

export function putCatalog(site: HubServer, catalog: unknown): void {
  site.put('/catalog.json', encode(JSON.stringify(catalog)), 'application/json');
}

export async function visit(page: Page, site: HubServer): Promise<void> {
  await page.goto(`${site.origin}/`);
  await page.waitForFunction(() => window.weights);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
