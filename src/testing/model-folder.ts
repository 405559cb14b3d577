import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { FamilyId } from '../latent/types';
import { makeTestModels } from './engine/test-models';

/**
 * A folder for the tests of one file, with small models and their catalogue. It is deleted after them.
 * @returns `path`: a name in the folder; `options`: those with which the command line takes its models from there
 */
export function makeModelFolder(families?: FamilyId[]): {
  path: (name: string) => string;
  options: readonly string[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'latent-leap-'));
  const path = (name: string) => join(folder, name);
  const { catalog, files } = makeTestModels(families);
  writeFileSync(path('catalog.json'), JSON.stringify(catalog));
  for (const [name, bytes] of files) writeFileSync(path(name), bytes);
  afterAll(() => rmSync(folder, { recursive: true }));
  return { path, options: ['--models', folder, '--threads', '1'] };
}
