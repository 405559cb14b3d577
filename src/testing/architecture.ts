import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Folders of data, and what runs leave behind. The number of their files does not matter. */
const DATA = /\/__\w+__$|\/logs\/|\/\.\w+/;

/** Paths are relative to the repository. */
export interface Import {
  from: string;
  to: string;
  /** `import type` or `export type`. */
  typeOnly: boolean;
}

/** All imports from one room into another, as one arrow. */
export interface Arrow {
  from: string;
  to: string;
  typeOnly: boolean;
  imports: Import[];
}

/** What a room may import: rooms, and whether types only. */
type AllowedArrows = Map<string, { typeOnly: boolean }> | 'everything';

/**
 * All files of a folder, by their paths from the root.
 * @param tree where the repository lies, for an earlier state of it
 */
export function listSourceFiles(
  root: 'src' | 'bench' | 'e2e' | 'scripts' | 'training' = 'src',
  tree = ROOT,
): string[] {
  return readdirSync(join(tree, root), { recursive: true, encoding: 'utf8' })
    .map((name) => `${root}/${name.replaceAll('\\', '/')}`)
    .filter((path) => statSync(join(tree, path)).isFile())
    .toSorted();
}

/** Folder -> number of files directly inside it. Folders of data are left out. */
export function countFiles(files: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const folder of files.map((file) => dirname(file))) {
    if (!DATA.test(folder)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}

/** Imports between files of this repository. @throws Error for an import that leads nowhere */
export function readImports(files: readonly string[], tree = ROOT): Import[] {
  return files.filter((file) => file.endsWith('.ts')).flatMap((file) => readImportsOf(file, tree));
}

function readImportsOf(from: string, tree: string): Import[] {
  const text = readFileSync(join(tree, from), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s(type\s)?[^'";=]*?\bfrom\s+'(\.[^']*)'/gm);
  const others = text.matchAll(/\bimport\s*\(?\s*'(\.[^']*)'/g);
  return [
    ...[...statements].map(([, type, name]) => ({
      from,
      to: resolveImport(from, name!, tree),
      typeOnly: type !== undefined,
    })),
    ...[...others].map(([, name]) => ({ from, to: resolveImport(from, name!, tree), typeOnly: false })),
  ];
}

function resolveImport(from: string, name: string, tree: string): string {
  const path = normalize(join(dirname(from), name)).replaceAll('\\', '/');
  const isFile = (candidate: string) =>
    existsSync(join(tree, candidate)) && statSync(join(tree, candidate)).isFile();
  const found = [path, `${path}.ts`, `${path}/index.ts`].find(isFile);
  if (!found) throw new Error(`${from} imports ${name}, which is not there.`);
  return found;
}

/** The room of a file: its folder in `src`, or its own name if it lies in `src` itself. Tests belong to `testing`. */
export function roomOf(file: string): string {
  if (file.endsWith('.test.ts')) return 'testing';
  if (!file.startsWith('src/')) return file;
  return file.split('/')[1]!.replace(/\.ts$/, '');
}

/** What the rooms import from each other. */
export function findArrows(imports: readonly Import[]): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const one of imports) {
    const [from, to] = [roomOf(one.from), roomOf(one.to)];
    if (from === to) continue;
    const key = `${from} ${to}`;
    const arrow = arrows.get(key) ?? { from, to, typeOnly: true, imports: [] };
    arrow.typeOnly &&= one.typeOnly;
    arrow.imports.push(one);
    arrows.set(key, arrow);
  }
  return [...arrows.values()].toSorted((a, b) => `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`));
}

/** Groups of files that import each other, directly or through others (Tarjan's algorithm). */
export function findCircles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    path.push(file);
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (path.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = path.splice(path.indexOf(file));
    if (group.length > 1 || targets.get(file)?.includes(file)) circles.push(group);
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles;
}

/** The table of docs/architecture.md: room -> what it may import, and whether types only. */
function readAllowedArrows(): Map<string, AllowedArrows> {
  const [, table = ''] = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').split(
    '## Who may import whom',
  );
  const rows = [...table.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)];
  return new Map(
    rows.map(([, room, cell]): [string, AllowedArrows] => {
      if (cell!.trim() === 'everything') return [room!, 'everything'];
      const entries = [...cell!.matchAll(/(types of )?`([^`]+)`/g)];
      return [room!, new Map(entries.map(([, types, to]) => [to!, { typeOnly: types !== undefined }]))];
    }),
  );
}

/** Imports that the table does not allow, and entries of the table that no import needs, in words. */
export function compareWithTable(arrows: readonly Arrow[]): string[] {
  const allowed = readAllowedArrows();
  const wrong = arrows.flatMap(({ from, to, imports }) => {
    const row = allowed.get(from);
    if (row === 'everything') return [];
    const entry = row?.get(to);
    return imports
      .filter((one) => !entry || (entry.typeOnly && !one.typeOnly))
      .map((one) => `${one.from} must not import ${entry ? 'values of ' : ''}${one.to}`);
  });
  const unneeded = [...allowed].flatMap(([from, row]) =>
    row === 'everything'
      ? []
      : [...row]
          .filter(([to, { typeOnly }]) => {
            const arrow = arrows.find((one) => one.from === from && one.to === to);
            return !arrow || arrow.typeOnly !== typeOnly;
          })
          .map(([to]) => `The table allows ${from} more of ${to} than is imported`),
  );
  return [...wrong, ...unneeded];
}
