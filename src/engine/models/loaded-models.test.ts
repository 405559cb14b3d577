import { expect, test } from 'vitest';
import { makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import type { CatalogEntry } from '../../weights/types';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import { createEngine } from '../engine';
import type { Progress } from '../types';
import { DownloadSum } from './download-sum';
import { LoadedModels } from './loaded-models';
import { decoderNetwork, encoderNetwork, upscalerNetwork } from './networks';

/** Models whose files can be replaced and deleted. It counts how often they were loaded. */
function makeChanging() {
  const models = makeTestModels(['sdxl']);
  const state = { version: '1' as string | undefined, loads: 0 };
  const steady = testSource(models);
  const source: typeof steady = {
    ...steady,
    version: () => state.version,
    load: (entry) => {
      state.loads++;
      return steady.load(entry);
    },
  };
  const find = (kind: CatalogEntry['kind']) => models.catalog.models.find((entry) => entry.kind === kind)!;
  return { models, state, source, find };
}

test('a model is read once, and again when its files have changed', async () => {
  const { state, source, find } = makeChanging();
  const shelf = new LoadedModels(source);
  const decoder = await shelf.load(find('decoder'), {});
  expect(await shelf.load(find('decoder'), {})).toBe(decoder);
  // It was deleted, so nothing newer exists.
  state.version = undefined;
  expect(await shelf.load(find('decoder'), {})).toBe(decoder);
  expect(state.loads).toBe(1);
  state.version = '2';
  const changed = await shelf.load(find('decoder'), {});
  expect(changed).not.toBe(decoder);
  expect(await shelf.load(find('decoder'), {})).toBe(changed);
  expect(state.loads).toBe(2);
});

test('networks made from other files get sessions of their own', async () => {
  const { state, source, find } = makeChanging();
  const keys = async () => {
    const shelf = new LoadedModels(source);
    return [
      upscalerNetwork(await shelf.load(find('lua'), {}), 'sdxl', 2).key,
      decoderNetwork(await shelf.load(find('decoder'), {}), 'sdxl').key,
      encoderNetwork(await shelf.load(find('encoder'), {}), 'sdxl').key,
    ];
  };
  const first = await keys();
  expect(await keys()).toEqual(first);
  state.version = '2';
  const all = [...first, ...(await keys())];
  expect(new Set(all).size).toBe(6);
});

test('the engine computes with the files that were fetched last', async () => {
  const { models, state, source, find } = makeChanging();
  const engine = await createEngine({
    runtime: openNodeRuntime({ threads: 1 }),
    weights: source,
    backend: 'cpu',
    precision: 'fp32',
  });
  const decode = async () => {
    let picture: TestPicture | undefined;
    await engine.upscale(makeLatent('sdxl', 4, 4), {
      scale: 1,
      method: 'bicubic',
      openPicture: (width, height) => {
        picture = new TestPicture(width, height);
        return picture;
      },
    });
    return [...picture!.rgba];
  };
  const before = await decode();
  const { path } = find('decoder').files[0]!;
  const file = models.files.get(path)!.slice();
  // The last tensor in the file, with other values.
  for (let at = file.length - 64; at < file.length; at += 4) file[at + 3]! ^= 0x80;
  models.files.set(path, file);
  expect(await decode()).toEqual(before);
  state.version = '2';
  expect(await decode()).not.toEqual(before);
  expect(state.loads).toBe(2);
});

test('the download of several models counts as one, without those that are there', async () => {
  const models = makeTestModels(['sdxl']);
  const steady = testSource(models);
  const source: typeof steady = {
    ...steady,
    load: (entry, options) => {
      const total = sizeOf(entry);
      options?.onProgress?.({ file: entry.id, loadedBytes: total / 2, totalBytes: total });
      options?.onProgress?.({ file: entry.id, loadedBytes: total, totalBytes: total });
      return steady.load(entry);
    },
  };
  const [encoder, decoder, lua] = (['encoder', 'decoder', 'lua'] as const).map(
    (kind) => models.catalog.models.find((entry) => entry.kind === kind)!,
  );
  const shelf = new LoadedModels(source);
  await shelf.load(encoder!, {});
  const told: [number, number][] = [];
  const onProgress = ({ done, total }: Progress) => void told.push([done, total]);
  await shelf.loadAll([encoder!, decoder!, lua!], { onProgress });
  const [a, b] = [sizeOf(decoder!), sizeOf(lua!)];
  expect(told).toEqual([
    [a / 2, a + b],
    [a, a + b],
    [a + b / 2, a + b],
    [a + b, a + b],
  ]);
});

test('the sum of a download is not known before every model has said its own', () => {
  const told: Progress[] = [];
  const { models } = makeTestModels(['sdxl']).catalog;
  const unknown = models.map((entry) => ({
    ...entry,
    files: entry.files.map((file) => ({ ...file, bytes: 0 })),
  }));
  const sum = new DownloadSum(unknown.slice(0, 2), (progress) => told.push(progress));
  sum.update(unknown[0]!, { file: 'a', loadedBytes: 1, totalBytes: 5 });
  sum.update(unknown[1]!, { file: 'b', loadedBytes: 2, totalBytes: 7 });
  expect(told.map(({ done, total }) => [done, total])).toEqual([
    [1, 0],
    [3, 12],
  ]);
});

function sizeOf({ files }: CatalogEntry): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
