import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findChromium } from './find-chromium.ts';

/**
 * `npm run test:browser [-- --no-build] [-- PLAYWRIGHT OPTIONS]` builds the page and runs the tests of e2e/ on it, in
 * a real Chromium.
 */
const options = process.argv.slice(2);
try {
  console.log(`Browser: ${findChromium()}`);
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
if (!options.includes('--no-build')) run('vite', ['build', '--logLevel', 'warn']);
run('playwright', ['test', ...options.filter((option) => option !== '--no-build')]);

/** Runs a command. If it fails, this process ends with its exit code. */
function run(command: string, args: string[]): void {
  const { status } = spawnSync(join('node_modules', '.bin', command), args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
