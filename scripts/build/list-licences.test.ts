import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listLicences } from './list-licences';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('every package that is built in stands in the licences, with the font and the terms', () => {
  const text = listLicences(root);
  const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const names = Object.keys(manifest.dependencies);
  for (const name of [...names, 'lit-html', 'onnxruntime-common', 'protobufjs']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+.*: `, 'm'));
  }
  expect(text).toContain('Copyright (c) Microsoft Corporation\n\nPermission is hereby granted');
  expect(text).toContain('The Instrument Sans Project Authors');
  expect(text).toContain('SIL OPEN FONT LICENSE');
  expect(text).toContain('Apache License');
});
