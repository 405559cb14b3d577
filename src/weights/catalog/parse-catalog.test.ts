import { expect, test } from 'vitest';
import type { LeapError } from '../../errors';
import { makeCatalog } from '../../testing/weights/small-catalog';
import { parseCatalog } from './parse-catalog';

const BASE = 'https://page.example/app/models/catalog.json';

/** A valid catalogue with one field of its first model, or first file, changed. */
function changed(model: object, file: object = {}): unknown {
  const { version, models } = makeCatalog();
  const [first, ...rest] = models;
  return {
    version,
    models: [
      { ...first, files: [{ ...first!.files[0], ...file }, ...first!.files.slice(1)], ...model },
      ...rest,
    ],
  };
}

test('reads a catalogue, and leaves out what it does not know', () => {
  expect(parseCatalog(changed({ colour: 'red' }), BASE)).toEqual(makeCatalog());
});

test('a model without prebuilt graphs has none', () => {
  expect(parseCatalog(changed({ graphs: undefined }), BASE).models[0]?.graphs).toEqual([]);
});

test.each([
  ['catalog must be an object', null],
  ['catalog must be an object', []],
  ['catalog.models must be a list', { version: 1 }],
  ['catalog.models[0] must be an object', { version: 1, models: [7] }],
  ['catalog.models[0].id must be a text', changed({ id: '' })],
  ['catalog.models[0].kind must be one of lua, decoder, encoder', changed({ kind: 'magic' })],
  ['catalog.models[0].family must be one of', changed({ family: 'toString' })],
  ['catalog.models[0].embedded must be true or false', changed({ embedded: 'yes' })],
  ['catalog.models[0].scales must be a list of numbers from 1', changed({ scales: [2, -4] })],
  ['scaleRange must be the least and the greatest', changed({ scaleRange: [2, 1] })],
  ['catalog.models[0].files must be a list of at least one file', changed({ files: [] })],
  ['catalog.models[0].files[0].bytes must be a whole number', changed({}, { bytes: 1.5 })],
  ['catalog.models[0].files[0].sha256 must be a sha256', changed({}, { sha256: 'ABC' })],
  ['two sizes or hashes', changed({}, { bytes: 1 })],
  ['lists the model lua-test-sdxl twice', changed({ id: 'lua-test-sdxl' })],
])('refuses: %s', (message, json) => {
  expect(() => parseCatalog(json, BASE)).toThrow(message);
  try {
    parseCatalog(json, BASE);
  } catch (error) {
    expect(error).toMatchObject({ code: 'damaged-file' });
  }
});

test('refuses a catalogue of another version', () => {
  expect(() => parseCatalog({ version: 2, models: [] })).toThrow('version 2');
});

test.each([
  ['of an architecture that a later version may have', changed({ architecture: 'magic' })],
  ['of a family that a later version may have', changed({ family: 'flux3' })],
  ['that is not an object', { version: 1, models: [7, makeCatalog().models[1]] }],
  ['whose file must not be fetched', changed({}, { path: 'file:///etc/passwd' })],
])('a model %s is left out, and the others stay', (_, json) => {
  const skipped: LeapError[] = [];
  const { models } = parseCatalog(json, BASE, (reason) => skipped.push(reason));
  expect(models.map(({ id }) => id)).toEqual(['lua-test-sdxl']);
  expect(skipped.map(({ message }) => message)).toEqual([expect.stringContaining('catalog.models[0]')]);
});

test('of two models that contradict each other the first one stays', () => {
  const skipped: LeapError[] = [];
  const { models } = parseCatalog(changed({ id: 'lua-test-sdxl' }), BASE, (reason) => skipped.push(reason));
  expect(models).toHaveLength(1);
  expect(skipped).toHaveLength(1);
});

test('refuses a catalogue if it understands none of its models, but takes an empty list', () => {
  const strange = { version: 1, models: makeCatalog().models.map((model) => ({ ...model, kind: 'magic' })) };
  expect(() => parseCatalog(strange, BASE, () => {})).toThrow(/None of the catalogue's 2 models/);
  expect(parseCatalog({ version: 1, models: [] }, BASE, () => {}).models).toEqual([]);
});

test.each([
  ['family.bin', BASE, true],
  ['../other/family.bin', BASE, true],
  ['https://hub.example/resolve/0/family.bin', BASE, true],
  ['http://hub.example/family.bin', BASE, false],
  ['http://localhost:8000/family.bin', BASE, false],
  ['//hub.example/family.bin', 'http://page.example/catalog.json', false],
  ['http://page.example/family.bin', 'http://page.example/catalog.json', true],
  ['http://127.0.0.1:9/family.bin', 'http://localhost:8000/catalog.json', true],
  ['https://user:secret@hub.example/family.bin', BASE, false],
  ['data:text/plain,family', BASE, false],
  ['blob:https://page.example/1', BASE, false],
  ['file:///etc/passwd', BASE, false],
  ['https://', BASE, false],
  ['family.bin', undefined, true],
  ['../family.bin', undefined, false],
  ['/family.bin', undefined, false],
  ['%2e%2e/family.bin', undefined, false],
  ['..%2ffamily.bin', undefined, false],
  ['https://hub.example/family.bin', undefined, true],
  ['family.bin', 'file:///srv/models/catalog.json', true],
  ['file:///srv/secret', 'file:///srv/models/catalog.json', false],
])('a path %s in %s: %s', (path, base, allowed) => {
  const parse = () => parseCatalog(changed({}, { path }), base);
  if (allowed) expect(parse().models[0]!.files[0]!.path).toBe(path);
  else expect(parse).toThrow('files[0].path must be a relative path or an https address');
});
