import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/page/find-chromium.ts';

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

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // The runtime uses all cores, so tests side by side would only make each other time out.
  workers: 1,
  // A software adapter hangs a page about once in a hundred times. Such a test is listed as flaky. A second hang in
  // the same test is not an accident.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'off',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_FLAGS },
  },
});
