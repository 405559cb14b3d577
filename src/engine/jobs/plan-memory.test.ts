import { expect, it } from 'vitest';
import { openModels } from '../../cli/models/open-models';
import { defined } from '../../defined';
import { checkpoint, entryOf } from '../../testing/engine/checkpoint-engine';
import { makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { rejectionOf } from '../../testing/error-of';
import { luaShapes, SMALL_LUA } from '../../testing/graph/network-shapes';
import { pictureBytes } from '../../worker/pictures/open-picture';
import type { EngineUpscaleOptions } from '../api';
import type { Device } from '../device/runtime';
import { LoadedModels } from '../models/loaded-models';
import { planTiles } from '../tiles/plan-tiles';
import { Workbench } from '../workbench';
import { Job } from './job';
import { planMemory } from './plan-memory';
import { openWay } from './way';

const GIB = 2 ** 30;
const shelf = new LoadedModels(await openModels(undefined, () => {}));

/** A device of WebAssembly on a machine with this memory. Nothing is run on it. */
function wasmWorkbench(memoryBytes: number): Workbench {
  const device = { backend: 'wasm', maxTensorBytes: GIB, memoryBytes } as Device;
  return new Workbench(device, 'fp32');
}

/** Tiles of the decoder and planned bytes for an SDXL latent, upscaled by 2, as the page takes the picture. */
async function plan(side: number, memoryBytes: number, from = shelf, lua?: string) {
  const options: EngineUpscaleOptions = {
    scale: 2,
    method: 'lua',
    ...defined({ lua }),
    pictureBytes,
    openPicture: () => ({ put: () => {} }),
  };
  const latent = makeLatent('sdxl', side, side);
  const job = new Job(latent, options, await openWay(from, latent, options));
  const { decode, upscale, report } = planMemory(wasmWorkbench(memoryBytes), job);
  const tiles = planTiles(job.height, job.width, decode.rule).length;
  return { tiles, upscaleTiles: planTiles(side, side, upscale[0]!.rule).length, report };
}

it.each([
  [512, 121],
  [1024, 484],
  [1280, 729],
  [1408, 900],
])(
  'SDXL on wasm at x2: a latent of %i positions is decoded in %i tiles within the budget',
  async (side, most) => {
    const { tiles, report } = await plan(side, 4 * GIB);
    expect(tiles).toBeLessThanOrEqual(most);
    // Whatever the size of the picture, the tiles are the largest of this backend, or nearly.
    expect(report.tile.decode).toBeGreaterThan(120);
    expect(report.plannedBytes).toBeLessThanOrEqual(report.budgetBytes);
  },
);

it.each([
  [2048, 4],
  [1280, 2],
])(
  'a latent of %i positions on a machine of %i GiB is refused, and what is advised instead would go',
  async (side, memory) => {
    const error = await rejectionOf(plan(side, memory * GIB));
    expect(error.code).toBe('out-of-memory');
    const [, advised] = /a latent of about (\d+) x \1 would fit/.exec(error.message) ?? [];
    expect(Number(advised)).toBeGreaterThan(side / 2);
    expect(Number(advised)).toBeLessThan(side);
    await expect(plan(Number(advised), memory * GIB)).resolves.toBeDefined();
  },
);

it('a photograph of 24 megapixels at x2 is planned in tiles within a machine of 4 GiB, its picture as a stream', async () => {
  const options: EngineUpscaleOptions = {
    scale: 2,
    method: 'lua',
    pictureBytes,
    openPicture: () => ({ put: () => {} }),
  };
  const latent = makeLatent('flux1', 4000 / 8, 6000 / 8);
  const job = new Job(latent, options, await openWay(shelf, latent, options));
  const { decode, report } = planMemory(wasmWorkbench(4 * GIB), job);
  expect(report.plannedBytes).toBeLessThanOrEqual(report.budgetBytes);
  expect(planTiles(job.height, job.width, decode.rule).length).toBeGreaterThan(100);
  // As RGBA in one piece it would be 384 MB, twice that with the copy on its way to the screen.
  expect(pictureBytes(12000, 8000)).toBeLessThan(12000 * 8000 * 4);
});

it('refuses an upscaled latent that no tensor of the device holds, which a smaller one is not', async () => {
  const planOn = async (maxTensorBytes: number) => {
    const device = { backend: 'webgpu', maxTensorBytes, memoryBytes: 64 * GIB } as Device;
    const options: EngineUpscaleOptions = {
      scale: 2,
      method: 'bicubic',
      openPicture: () => ({ put: () => {} }),
    };
    const latent = makeLatent('sd3', 256, 256);
    const job = new Job(latent, options, await openWay(shelf, latent, options));
    return planMemory(new Workbench(device, 'fp32'), job);
  };
  // 16 channels of 512 x 512 float32.
  const bytes = 16 * 512 * 512 * 4;
  await expect(planOn(bytes - 1)).rejects.toMatchObject({
    code: 'out-of-memory',
    detail: { indivisible: true, bytes },
  });
  await expect(planOn(bytes)).resolves.toBeDefined();
});

/** What a run took of a LUA with windows of 96 positions and two heads, in MiB (scripts/reports/measure-window.ts). */
const TAKEN = 3106;

it('a LUA with windows of 96 positions is planned with what it takes, and refused where that is too much', async () => {
  const heads = 2;
  const config = { ...SMALL_LUA, in_chans: 4, window_size: 96, depths: [2], num_heads: [heads] };
  const file = checkpoint(luaShapes(config));
  const entry = entryOf(file, 'wide', 'lua', 'sdxl');
  const models = makeTestModels(['sdxl']);
  models.catalog.models.push(entry);
  models.files.set(entry.files[0]!.path, file);
  // One float32 score for every head and every pair of positions in a window.
  const scores = heads * 96 ** 4 * 4;
  const wide = new LoadedModels(testSource(models));
  const { report } = await plan(96, 16 * GIB, wide, 'wide');
  // Scores and their softmax, a bias for each of two blocks, and the mask of one, which is for both heads.
  expect(report.plannedBytes).toBeGreaterThan(2 * scores + 2 * scores + scores / heads);
  expect(report.plannedBytes).toBeGreaterThan(TAKEN * 2 ** 20);
  expect(report.plannedBytes).toBeLessThan(1.5 * TAKEN * 2 ** 20);
  await expect(plan(96, 4 * GIB, wide, 'wide')).rejects.toMatchObject({ code: 'out-of-memory' });
});

it('counts the weights twice: as the bytes of their files, and in the runtime', async () => {
  const options: EngineUpscaleOptions = { scale: 2, method: 'lua', openPicture: () => ({ put: () => {} }) };
  const latent = makeLatent('sdxl', 64, 64);
  const way = await openWay(shelf, latent, options);
  const planned = (larger: number) => {
    const weights = new Map([...way.decoder.weights, ['more', new Uint8Array(larger)]]);
    const job = new Job(latent, options, { ...way, decoder: { ...way.decoder, weights } });
    return planMemory(wasmWorkbench(4 * GIB), job).report.plannedBytes;
  };
  expect(planned(2 ** 20) - planned(0)).toBe(2 * 2 ** 20);
});
