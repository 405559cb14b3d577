import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Gives the relative imports in dist/types their full file names. Without them, `moduleResolution: node16` loses the
 * types of an ES package.
 */
const FOLDER = fileURLToPath(new URL('../../dist/types/', import.meta.url));
const RELATIVE = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+)\2/g;

for (const entry of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
  if (!entry.endsWith('.d.ts')) continue;
  const path = join(FOLDER, entry);
  const text = readFileSync(path, 'utf8').replace(
    RELATIVE,
    (_, before: string, quote: string, name: string) =>
      `${before}${quote}${findFile(dirname(path), name)}${quote}`,
  );
  writeFileSync(path, text);
}

function findFile(folder: string, name: string): string {
  if (name.endsWith('.js')) return name;
  const found = [`${name}.js`, `${name}/index.js`].find((file) =>
    existsSync(join(folder, file.replace(/\.js$/, '.d.ts'))),
  );
  if (!found) throw new Error(`${folder}: no declarations of ${name}.`);
  return found;
}
