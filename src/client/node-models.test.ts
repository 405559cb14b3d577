import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { Catalog } from '../weights/types';
import { createUpscaler } from './create-upscaler';
import type { CreateOptions } from './options/create-options';

const FOLDER = new URL('../../public/models/', import.meta.url);
const catalog = JSON.parse(readFileSync(new URL('catalog.json', FOLDER), 'utf8')) as Catalog;

/** What `import models from 'latent-leap/models/sdxl'` gives. */
function carried(): NonNullable<CreateOptions['models']> {
  const models = catalog.models.filter(({ embedded, family }) => embedded && family === 'sdxl');
  const paths = models.flatMap(({ files }) => files.map(({ path }) => path));
  const files = Object.fromEntries(paths.map((path) => [path, new URL(path, FOLDER).href]));
  return { models, files } as NonNullable<CreateOptions['models']>;
}

test.each([
  ['the address of a folder', FOLDER.href],
  ['an import of a family', carried()],
])('in Node models come from the disk, by %s, and nothing is said about a browser', async (_, models) => {
  const notices: string[] = [];
  const upscaler = await createUpscaler({
    thread: 'this',
    ort: ort as never,
    models,
    onNotice: ({ message }) => notices.push(message),
  });
  const lua = catalog.models.find(({ kind, family }) => kind === 'lua' && family === 'sdxl')!;
  const fetched = await upscaler.fetchModel(lua.id);
  expect([fetched.cachedBytes, notices]).toEqual([
    lua.files.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    [],
  ]);
  await upscaler.close();
});
