import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Deletes the declarations that those of the client and the element do not lead to: the engine's would need the types of its own packages.
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

const needed = new Set<string>();
for (const room of ['client', 'client/open', 'element']) listNeeded(join(FOLDER, room, 'index.d.ts'), needed);
for (const entry of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
  const path = join(FOLDER, entry);
  if (entry.endsWith('.d.ts') && !needed.has(path)) rmSync(path);
}
// Bundled with the element; of its types only these are asked for.
writeFileSync(
  join(FOLDER, 'element', 'lit.d.ts'),
  `export type CSSResultGroup = unknown;
export type PropertyValues<T = unknown> = Map<PropertyKey, unknown> & { readonly of?: T };
export declare class LitElement extends HTMLElement {
  requestUpdate(): void;
  readonly updateComplete: Promise<boolean>;
}
`,
);
for (const path of needed) {
  const text = readFileSync(path, 'utf8').replace(/from 'lit'/g, "from './lit.js'");
  if (path.startsWith(join(FOLDER, 'element'))) writeFileSync(path, text);
}
// A script to be started, with nothing to import from it.
writeFileSync(join(FOLDER, 'worker.d.ts'), 'export {};\n');

/** Collects the declarations that one leads to, itself included. */
function listNeeded(path: string, needed: Set<string>): void {
  if (needed.has(path)) return;
  needed.add(path);
  for (const [, , , name] of readFileSync(path, 'utf8').matchAll(RELATIVE)) {
    listNeeded(join(dirname(path), name!.replace(/\.js$/, '.d.ts')), needed);
  }
}

function findFile(folder: string, name: string): string {
  if (name.endsWith('.js')) return name;
  const found = [`${name}.js`, `${name}/index.js`].find((file) =>
    existsSync(join(folder, file.replace(/\.js$/, '.d.ts'))),
  );
  if (!found) throw new Error(`${folder}: no declarations of ${name}.`);
  return found;
}
