import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Finds the browser for the tests: at `CHROMIUM_PATH`, or in one of the usual places.
 * @throws Error that says how to get a browser
 */
export function findChromium(): string {
  const named = process.env.CHROMIUM_PATH;
  if (named && !existsSync(named)) throw new Error(`CHROMIUM_PATH is ${named}, but there is no such file.`);
  const found = named ?? PLACES.find((place) => existsSync(place));
  if (found) return found;
  throw new Error(
    [
      'The browser tests need Chromium or Chrome 137 or later, but none was found.',
      'On Debian or Ubuntu: sudo apt-get install -y chromium',
      'Elsewhere: set CHROMIUM_PATH to the browser’s executable.',
    ].join('\n'),
  );
}
