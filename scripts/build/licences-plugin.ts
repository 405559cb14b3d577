import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { listLicences } from './list-licences.ts';

const LICENCES_FILE = 'licences.txt';

/** Puts the licences of all that is built in beside it. */
export function licences(): Plugin {
  return {
    name: 'leap-licences',
    apply: 'build',
    generateBundle() {
      const root = fileURLToPath(new URL('../..', import.meta.url));
      this.emitFile({ type: 'asset', fileName: LICENCES_FILE, source: listLicences(root) });
    },
  };
}
