import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  compareWithTable,
  countFiles,
  findArrows,
  findCircles,
  listSourceFiles,
  readImports,
} from './testing/architecture';

/** In a folder with more files nobody finds anything. */
const MOST_FILES = 16;

const files = listSourceFiles();
const imports = readImports(files);

test('finds the imports', () => {
  expect(imports.length).toBeGreaterThan(500);
  expect(imports).toContainEqual({
    from: 'src/app/main.ts',
    to: 'src/client/index.ts',
    typeOnly: false,
  });
});

test('finds a circle, and a file that imports itself', () => {
  const make = (from: string, to: string) => ({ from, to, typeOnly: true });
  const circles = findCircles([
    make('a', 'b'),
    make('b', 'c'),
    make('c', 'b'),
    make('d', 'd'),
    make('c', 'e'),
  ]);
  expect(circles.map((circle) => circle.toSorted())).toEqual([['b', 'c'], ['d']]);
});

test('docs/architecture.md lists every room', () => {
  const text = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
  const listed = new Set(
    [...text.matchAll(/^ *(\w[\w-]*)\/(?:, (\w+)\/)? {2}/gm)].flatMap((match) => match.slice(1)),
  );
  const beside = (['bench', 'e2e', 'scripts'] as const).flatMap((root) => listSourceFiles(root));
  const paths = [...files, ...beside].map((file) => file.split('/')).filter(({ length }) => length > 2);
  const rooms = new Set(paths.map(([, room]) => room!));
  expect(rooms.size).toBeGreaterThan(25);
  expect([...rooms].filter((room) => !listed.has(room))).toEqual([]);
});

test('rooms import each other as docs/architecture.md says', () => {
  expect(compareWithTable(findArrows(imports))).toEqual([]);
});

test('finds an import that the table lacks', () => {
  const wrong = { from: 'src/formats/npy/npy.ts', to: 'src/latent/index.ts', typeOnly: true };
  expect(compareWithTable(findArrows([...imports, wrong]))).toEqual([
    'src/formats/npy/npy.ts must not import src/latent/index.ts',
  ]);
});

test('no files import each other in a circle', () => {
  expect(findCircles(imports)).toEqual([]);
});

test(`no folder has more than ${MOST_FILES} files`, () => {
  const beside = (['bench', 'e2e', 'scripts', 'training'] as const).flatMap((root) => listSourceFiles(root));
  const all = [...files, ...beside];
  expect([...countFiles(all)].filter(([, count]) => count > MOST_FILES)).toEqual([]);
});
