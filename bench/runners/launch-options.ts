import type { LaunchOptions } from '@playwright/test';
import { findChromium } from '../../scripts/browser/find-chromium';

const QUIET = [
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A software adapter may take long over one kernel.
  '--disable-gpu-watchdog',
];
/** On Linux, Chromium reaches the GPU through Vulkan, and only when asked to. */
const HARDWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan'];
const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** How Chromium is started for measurements. */
export function launchOptions(adapter: 'default' | 'swiftshader'): LaunchOptions {
  return {
    executablePath: findChromium(),
    args: ['--headless=new', '--no-sandbox', ...QUIET, ...(adapter === 'swiftshader' ? SOFTWARE : HARDWARE)],
  };
}
