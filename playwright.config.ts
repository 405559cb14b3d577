import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/page/find-chromium.ts';

/** WebGPU in software, so that the tests mean the same on every machine; nothing that talks to the network. */
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
  // The runtime takes all cores: tests side by side only make each other time out.
  workers: 1,
  // A software adapter hangs a page once in some hundred times. A second hang in the same test is no accident, and
  // the first one is listed as flaky.
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
