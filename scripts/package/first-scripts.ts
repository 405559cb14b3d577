import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `from"./a.js"` and `import"./a.js"`, not the `import("./a.js")` of what is loaded later. */
const STATIC = /\b(?:from|import)\s*["'](\.[^"']+)["']/g;

/** Bytes of a script and of all that it imports, which a page loads before anything happens. */
export function countFirstScripts(path: string, seen = new Set<string>()): number {
  if (seen.has(path)) return 0;
  seen.add(path);
  const code = readFileSync(path, 'utf8');
  let bytes = Buffer.byteLength(code);
  for (const [, name] of code.matchAll(STATIC)) bytes += countFirstScripts(join(dirname(path), name!), seen);
  return bytes;
}
