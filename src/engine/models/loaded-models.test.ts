import { expect, test } from 'vitest';
import { makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import type { CatalogEntry } from '../../weights/types';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import { createEngine } from '../engine';
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
