import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareWithTable,
  countFiles,
  findArrows,
  findCircles,
  listSourceFiles,
  readImports,
} from '../../src/testing/architecture';

/**
 * `npm run architecture` prints the folders of src with the number of files in each, what the rooms import from each
 * other, and files that import each other in a circle. Exits with 1 if docs/architecture.md does not allow an import.
 * `npm run architecture -- REV` prints the same of an earlier commit, without the comparison.
 */
const revision = process.argv[2];
const tree = revision && unpackRevision(revision);
const files = listSourceFiles('src', tree);
const imports = readImports(files, tree);
const arrows = findArrows(imports);
const circles = findCircles(imports);
const faults = revision ? [] : compareWithTable(arrows);

console.log('Files directly in each folder');
const counts = countFiles(files);
const folders = new Set([...counts.keys()].flatMap(withParents));
for (const folder of [...folders].toSorted()) {
  const parts = folder.split('/');
  const name = `${'  '.repeat(parts.length - 1)}${parts.at(-1)}/`;
  console.log(`${name.padEnd(28)}${`${counts.get(folder) ?? 0}`.padStart(3)}`);
}

console.log('\nImports between rooms; (types) means types only; tests count as testing');
for (const room of new Set(arrows.map(({ from }) => from))) {
  const targets = arrows.filter(({ from }) => from === room);
  console.log(
    `${room} -> ${targets.map(({ to, typeOnly }) => (typeOnly ? `${to} (types)` : to)).join(', ')}`,
  );
}

console.log(`\nCircles: ${circles.length}`);
for (const circle of circles) console.log(`  ${circle.join(', ')}`);

if (!revision) console.log(`Against docs/architecture.md: ${faults.length}`);
for (const fault of faults) console.log(`  ${fault}`);
if (!revision && circles.length + faults.length > 0) process.exitCode = 1;

/** The repository as it was, in a folder of its own. */
function unpackRevision(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'latent-leap-'));
  const archive = execFileSync('git', ['archive', name], { maxBuffer: 2 ** 30 });
  execFileSync('tar', ['x', '-C', folder], { input: archive });
  return folder;
}

function withParents(folder: string): string[] {
  const parts = folder.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
