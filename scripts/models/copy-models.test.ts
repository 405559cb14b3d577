import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Catalog } from '../../src/weights/types';

const COMMAND = fileURLToPath(new URL('../../bin/latent-leap.js', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latent-leap-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...options: string[]) =>
  spawnSync(process.execPath, [COMMAND, 'copy-models', ...options], { encoding: 'utf8' });

it('copies the files of one family, and names no others as embedded', () => {
  const target = join(folder, 'models');
  expect(run(target, '--family', 'sd15').status).toBe(0);
  const { models } = JSON.parse(readFileSync(join(target, 'catalog.json'), 'utf8')) as Catalog;
  const [enlargers, others] = [true, false].map((is) =>
    models.filter(({ kind }) => (kind === 'enlarger') === is),
  );
  expect(new Set(others!.map(({ family }) => family))).toEqual(new Set(['sd15']));
  // They work on pictures.
  expect(enlargers!.map(({ id }) => id)).toContain('swin2sr-lightweight-x2');
  const files = models.filter(({ embedded }) => embedded).flatMap((model) => model.files);
  const names = new Set(files.map(({ path }) => path));
  expect(new Set(readdirSync(target))).toEqual(new Set([...names, 'catalog.json']));
  for (const { path, bytes } of files) expect(statSync(join(target, path)).size).toBe(bytes);
});

it('keeps the families of an earlier call', () => {
  const target = join(folder, 'models');
  run(target, '--family', 'sd15');
  const { status, stdout } = run(target, '--family', 'flux1');
  expect(status).toBe(0);
  expect(stdout).toContain('with sd15 from before');
  const { models } = JSON.parse(readFileSync(join(target, 'catalog.json'), 'utf8')) as Catalog;
  const listed = new Set(models.filter(({ kind }) => kind !== 'enlarger').map(({ family }) => family));
  expect(listed).toEqual(new Set(['sd15', 'flux1']));
  const files = models.filter(({ embedded }) => embedded).flatMap((model) => model.files);
  for (const { path, bytes } of files) expect(statSync(join(target, path)).size).toBe(bytes);
});

it('takes several families, in one list or one by one', () => {
  const listed = (name: string, ...options: string[]) => {
    const target = join(folder, name);
    expect(run(target, ...options).status).toBe(0);
    const { models } = JSON.parse(readFileSync(join(target, 'catalog.json'), 'utf8')) as Catalog;
    return new Set(models.filter(({ embedded }) => embedded).map(({ family }) => family));
  };
  expect(listed('a', '--family', 'sd15,sd3')).toEqual(new Set(['sd15', 'sd3']));
  expect(listed('b', '--family', 'sd15', '--family=sd3')).toEqual(new Set(['sd15', 'sd3']));
});

it.each([
  ['no folder', [], 'the folder is missing'],
  ['a folder without a name', [''], 'the folder is missing'],
  ['a second folder', ['x', 'y'], 'one folder, not 2'],
  ['an unknown family', ['x', '--family', 'sd9'], 'no family sd9, only'],
  ['an unknown option', ['--all'], "Unknown option '--all'"],
  ['a family without a name', ['x', '--family'], '--family'],
])('%s is refused, and nothing is written', (_, options, fault) => {
  const { status, stderr } = run(...options.map((option) => (option === 'x' ? join(folder, 'x') : option)));
  expect(status).toBe(2);
  expect(stderr).toContain(fault);
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves the folder alone that the models are in', () => {
  const catalog = fileURLToPath(new URL('../../public/models/catalog.json', import.meta.url));
  const before = readFileSync(catalog, 'utf8');
  try {
    const { status, stderr } = run(dirname(catalog));
    expect([status, stderr]).toEqual([2, expect.stringContaining('Name a folder of your own page')]);
    expect(readFileSync(catalog, 'utf8')).toBe(before);
  } finally {
    writeFileSync(catalog, before);
  }
});

it('says in a line why a folder cannot be made', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'below')]) {
    const { status, stderr } = run(path);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^latent-leap: the models cannot be copied to .*\n$/);
  }
});
