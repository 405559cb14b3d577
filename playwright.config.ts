import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/browser/find-chromium.ts';

/** WebGPU runs in software, so that the tests mean the same on every machine. Nothing may talk to the network. */
const CHROMIUM_FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/**
 * Shaders begin with workgroup memory of zeros. Compiling that takes the software adapter two thirds of a test. No kernel
 * may need the zeros, as these tests show; with `PARITY=all` they are there, as in people's browsers.
 */
if (process.env.PARITY !== 'all') CHROMIUM_FLAGS.push('--enable-dawn-features=disable_workgroup_init');

// What the files of tests share is built once in a run: e2e/support/once.ts.
process.env.E2E_RUN ??= `${process.pid}-${Date.now()}`;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // A page computes on one thread most of the time: the software adapter compiles on one, and a page that is not
  // isolated has no others. E2E_WORKERS=1 for a machine that is busy.
  workers: Number(process.env.E2E_WORKERS ?? 2),
  // A software adapter hangs a page about once in a hundred times. Such a test is listed as flaky. A second hang in
  // the same test is not an accident.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 90_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'off',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_FLAGS },
  },
});
