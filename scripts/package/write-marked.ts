import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pack-library.ts';

/**
 * Puts a text between `<!-- name -->` and `<!-- /name -->` of a document.
 * @param document path from the root of the repository
 * @throws Error when the document has no such marks
 */
export function writeMarked(document: string, name: string, text: string): void {
  const path = join(ROOT, document);
  const before = readFileSync(path, 'utf8');
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no ${start} ... ${end}.`);
  writeFileSync(path, before.slice(0, from + start.length) + text + before.slice(to));
}
