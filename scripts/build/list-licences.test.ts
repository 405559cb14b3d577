import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listSourceFiles, roomOf } from '../../src/testing/architecture';
import { BUNDLED, listLicences } from './list-licences';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Not in the builds: Node's own modules, and the native runtime of the command line. */
const NOT_BUNDLED = /^(node:|onnxruntime-node)/;

test('every package that is built in stands in the licences, with the font and the terms', () => {
  const text = listLicences(root);
  for (const name of [...BUNDLED, 'lit-html', 'onnxruntime-common', 'protobufjs']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+.*: `, 'm'));
  }
  expect(text).toContain('Copyright (c) Microsoft Corporation\n\nPermission is hereby granted');
  expect(text).toContain('The Instrument Sans Project Authors');
  expect(text).toContain('SIL OPEN FONT LICENSE');
  expect(text).toContain('Apache License');
});

test('every package that the rooms import is listed', () => {
  const files = listSourceFiles().filter((path) => path.endsWith('.ts') && roomOf(path) !== 'testing');
  const imported = files.flatMap((path) => {
    const text = readFileSync(`${root}/${path}`, 'utf8');
    const statements = text.matchAll(/^(?:import|export)\s(?!type\s)[^'";=]*?\bfrom\s+'([^.'][^']*)'/gm);
    return [...statements].map(([, name]) => name!);
  });
  const names = new Set(
    imported
      .filter((name) => !NOT_BUNDLED.test(name))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  expect([...names].filter((name) => !BUNDLED.includes(name))).toEqual([]);
  expect(names.size).toBeGreaterThan(3);
});
