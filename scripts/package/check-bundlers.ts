import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import { decode } from 'fast-png';
import { writeLatent } from '../../src/latent/index.ts';
import { makeLatent } from '../../src/testing/engine/test-models.ts';
import { findChromium } from '../browser/find-chromium.ts';
import { BUNDLERS, type Bundler } from './bundlers.ts';
import { type Fetched, openSite } from './open-site.ts';
import { packLibrary, ROOT, run } from './pack-library.ts';
import { serveSite } from './serve-site.ts';
import { writeMarked } from './write-marked.ts';

/**
 * `npm run build && npm run check-bundlers [-- NAME... --write]`: packs the library, installs it with each bundler into a
 * folder of its own, builds a site there, opens it in Chromium, and compares its picture with the command line's. Ends
 * with 1 when one fails. `--write` puts the table of all of them into docs/embedding.md. What npm installs for Next.js
 * alone is ten times the library, so this is not among the tests.
 */
const SIDE = 8;
/** In levels of 255: two builds of the runtime, and rounding. */
const TOLERANCE = 2;

const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const unknown = names.filter((name) => !(name in BUNDLERS));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}, only ${Object.keys(BUNDLERS).join(', ')}.`);
  process.exit(2);
}
const write = process.argv.includes('--write');
if (write && names.length > 0) {
  console.error('--write makes the whole table, so it takes no names.');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'latent-leap-bundlers-'));
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
  process.exitCode = await checkAll(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

async function checkAll(browser: Browser): Promise<number> {
  const { path: tarball } = packLibrary(folder);
  const latent = join(folder, 'x.safetensors');
  writeFileSync(latent, writeLatent(makeLatent('sdxl', SIDE, SIDE), 'safetensors'));
  run('node', ['bin/latent-leap.js', 'upscale', latent, '--out', folder], ROOT);
  run('node', ['bin/latent-leap.js', 'upscale', latent, '--out', folder], ROOT);
  const expected = decode(readFileSync(join(folder, 'x-lua-x2.png')));
  const rows = ['| | what is needed | what a visitor fetches (SDXL) |', '|---|---|---|'];
  let failed = 0;
  for (const name of names.length > 0 ? names : Object.keys(BUNDLERS)) {
    const bundler = BUNDLERS[name]!;
    try {
      const fetched = await check(browser, join(folder, name), bundler, { tarball, latent, expected });
      rows.push(`| ${bundler.label} | ${bundler.needs} | ${bundler.unminified ? '' : list(fetched)} |`);
      console.log(`${name}: ok`);
    } catch (thrown) {
      failed++;
      console.error(`${name}: ${(thrown as Error).message}`);
    }
  }
  const table = rows.join('\n');
  console.log(table);
  if (write && failed === 0) writeMarked('docs/embedding.md', 'bundlers', `\n${table}\n`);
  return failed === 0 ? 0 : 1;
}

interface Trial {
  tarball: string;
  latent: string;
  expected: ReturnType<typeof decode>;
}

/** @throws Error when a step fails, or the picture is another one */
async function check(
  browser: Browser,
  folder: string,
  { packages, write, build, serve }: Bundler,
  { tarball, latent, expected }: Trial,
): Promise<Fetched> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  write(folder);
  run('npm', ['install', '--no-audit', '--no-fund', tarball, ...packages], folder);
  build(folder);
  const site = await serveSite(folder, serve);
  try {
    const { width } = expected;
    const { rgba, fetched } = await openSite(browser, site.url, readFileSync(latent), width);
    const worst = compare(rgba, expected);
    if (worst > TOLERANCE) throw new Error(`the picture is ${worst} levels off`);
    return fetched;
  } finally {
    await site.close();
  }
}

/** @returns the largest difference in levels of 255 */
function compare(rgba: Uint8Array, { data, channels, width, height }: Trial['expected']): number {
  if (rgba.length !== width * height * 4) return 255;
  let worst = 0;
  for (let i = 0; i < width * height * 3; i++) {
    const [at, c] = [Math.floor(i / 3), i % 3];
    worst = Math.max(worst, Math.abs(rgba[at * 4 + c]! - data[at * channels + c]!));
  }
  return worst;
}

function list({ page, worker, wasm, models }: Fetched): string {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  // The rest are threads' stubs of a line or two.
  const scripts = worker.filter((bytes) => bytes > 1000).map(kilobytes);
  return `page ${kilobytes(page)}, worker ${scripts.join(' + ')}, wasm ${megabytes(wasm)}, models ${megabytes(models)}`;
}
