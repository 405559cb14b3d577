import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { writeLatent } from '../../src/latent/index.ts';
import { makeLatent } from '../../src/testing/engine/test-models.ts';
import { findChromium } from './find-chromium.ts';

/**
 * `npm run build && npm run try:next [-- --webpack]`: packs the library, installs it with Next.js into a folder of its
 * own, builds examples/next and opens it in a browser. Next.js is large, so this is not among the tests.
 */
const PORT = 4199;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const bundler = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), 'latent-leap-next-'));
try {
  process.exitCode = await tryNext();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function tryNext(): Promise<number> {
  cpSync(join(ROOT, 'examples', 'next'), folder, { recursive: true });
  cpSync(join(ROOT, 'examples', 'react.jsx'), join(folder, 'app', 'latent-picture.jsx'));
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], { cwd: folder });
  if (installed.status !== 0) {
    console.error(`Next.js could not be installed, so nothing was tried.\n${installed.stderr}`);
    return 1;
  }
  run('npm', ['run', 'models'], folder);
  run('npx', ['next', 'build', ...bundler], folder);
  listFiles(join(folder, '.next', 'static'));
  const server = spawn(join(folder, 'node_modules', '.bin', 'next'), ['start', '--port', `${PORT}`], {
    cwd: folder,
  });
  try {
    await answered(`http://localhost:${PORT}/`);
    const text = await open(`http://localhost:${PORT}/`);
    console.log(text);
    return text.startsWith('ok') ? 0 : 1;
  } finally {
    server.kill();
  }
}

/** Chooses a latent of 8x8 positions. @returns what came of it */
async function open(url: string): Promise<string> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const buffer = Buffer.from(writeLatent(makeLatent('sdxl', 8, 8), 'safetensors'));
    await page
      .getByLabel('A latent file')
      .setInputFiles({ name: 'x.safetensors', mimeType: 'application/octet-stream', buffer });
    const drawn = page.waitForFunction(() => document.querySelector('canvas')?.width === 128, null, {
      timeout: 120_000,
    });
    await drawn.catch(() => {});
    const [width, caption] = await page.evaluate(() => [
      document.querySelector('canvas')?.width,
      document.querySelector('figcaption')?.textContent,
    ]);
    return width === 128 ? 'ok: a picture of 128 pixels' : `failed: ${width} pixels, "${caption}"`;
  } finally {
    await browser.close();
  }
}

async function answered(url: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if (await fetch(url).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${url} does not answer.`);
}

/** The files of 50 kB and more, as they are served. */
function listFiles(root: string): void {
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const { size } = statSync(join(root, name));
    if (size > 50_000) console.log(`${(size / 1000).toFixed(0).padStart(7)} kB  ${name}`);
  }
}

function run(command: string, args: string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${status}.`);
}
