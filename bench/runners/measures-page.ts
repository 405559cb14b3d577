import type { InferenceSession } from 'onnxruntime-web';
import { HostGrids } from '../../src/engine/device/host/host-grids';
import type { Device } from '../../src/engine/device/runtime';
import { IDENTITY } from '../../src/engine/device/runtime';
import { SerialQueue } from '../../src/engine/device/serial-queue';
import { openGpuDevice } from '../../src/engine/device/web/gpu-device';
import { loadOrt, type OrtModule, threadCount } from '../../src/engine/device/web/load-ort';
import { buildGraph } from '../../src/graph/index';
import type { BuiltGraph } from '../../src/graph/types';
import { createMemoryStore, openWeights } from '../../src/weights/index';
import { type BenchModel, type BenchModels, openBenchModels } from '../cases/bench-models';

/** One measure that the engine takes, without it and with it. Each call is one round. */
interface Pair {
  before(): Promise<unknown>;
  after(): Promise<unknown>;
  close(): Promise<void>;
}

/** The page's side of `npm run bench:measures`. */
export interface PageMeasures {
  names: string[];
  /** Milliseconds of every round, taken in turns. */
  time(name: string, rounds: number): Promise<{ before: number[]; after: number[] }>;
}

declare global {
  interface Window {
    measures: PageMeasures;
  }
}

/** Latent positions of a picture of 1024 x 1024 pixels. */
const LATENT = 128;
const PICTURE = 1024;
/** Sides for networks that run on a GPU: small enough for a software adapter, which takes a second for a LUA. */
const SMALL = { lua: 8, decoder: 2 };
/** The side for those that run on the processor. */
const MEDIUM = 32;
const TILES = 3;

const MEASURES: Record<string, () => Promise<Pair>> = {
  'latent stays on the GPU': handOver,
  'RGBA made on the GPU': makeRgba,
  'one tile is read back while the next is computed': overlapTiles,
  'sessions kept, weights uploaded once': keepSessions,
  'jspi build of the runtime': suspendNatively,
  'wasm threads wait without spinning: LUA': () => waitAsleep('lua'),
  'wasm threads wait without spinning: decoder': () => waitAsleep('decoder'),
};

window.measures = {
  names: Object.keys(MEASURES),
  async time(name, rounds) {
    const pair = await MEASURES[name]!();
    await pair.before();
    await pair.after();
    const times: { before: number[]; after: number[] } = { before: [], after: [] };
    for (let round = 0; round < rounds; round++) {
      for (const side of ['before', 'after'] as const) {
        const start = performance.now();
        await pair[side]();
        times[side].push(performance.now() - start);
      }
    }
    await pair.close();
    return times;
  },
};

/** The upscaled latent of a picture of 1024 pixels, on its way to the decoder. */
async function handOver(): Promise<Pair> {
  const device = await openGpu();
  const { grids } = device;
  const source = grids.zeros([16, LATENT, LATENT]);
  const target = grids.zeros([16, LATENT, LATENT]);
  return {
    async before() {
      const copy = grids.fromArray(await grids.toArray(source), source.dims);
      grids.cut(copy, 0, 0, target, IDENTITY);
      await idle(device);
      grids.free(copy);
    },
    async after() {
      grids.cut(source, 0, 0, target, IDENTITY);
      await idle(device);
    },
    close: () => device.close(),
  };
}

/** A picture of 1024 pixels: twelve bytes a pixel read back and converted here, or four. */
async function makeRgba(): Promise<Pair> {
  const device = await openGpu();
  const { grids } = device;
  const picture = grids.fromArray(new Float32Array(3 * PICTURE ** 2).fill(0.5), [3, PICTURE, PICTURE]);
  return {
    async before() {
      const host = { dims: picture.dims, data: await grids.toArray(picture) };
      return new HostGrids().toRgba(host, { x: 0, y: 0, width: PICTURE, height: PICTURE });
    },
    after: () => grids.toRgba(picture, { x: 0, y: 0, width: PICTURE, height: PICTURE }),
    close: () => device.close(),
  };
}

async function overlapTiles(): Promise<Pair> {
  const device = await openGpu();
  const { decoder } = await openModels();
  const session = await device.createSession(decoderGraph(decoder, SMALL.decoder), decoder.weights);
  const edge = 8 * SMALL.decoder;
  const read = async () => {
    await device.grids.toRgba(await session.run(), { x: 0, y: 0, width: edge, height: edge });
  };
  return {
    async before() {
      for (let tile = 0; tile < TILES; tile++) await read();
    },
    async after() {
      let reading: Promise<unknown> = Promise.resolve();
      for (let tile = 0; tile < TILES; tile++) {
        const output = await session.run();
        await reading;
        reading = device.grids.toRgba(output, { x: 0, y: 0, width: edge, height: edge });
      }
      await reading;
    },
    async close() {
      await session.release();
      await device.close();
    },
  };
}

async function keepSessions(): Promise<Pair> {
  const device = await openGpu();
  const { lua } = await openModels();
  const graph = luaGraph(lua, SMALL.lua);
  const kept = await device.createSession(graph, lua.weights);
  return {
    async before() {
      const session = await device.createSession(graph, lua.weights);
      await session.run();
      await idle(device);
      await session.release();
    },
    async after() {
      await kept.run();
      await idle(device);
    },
    async close() {
      await kept.release();
      await device.close();
    },
  };
}

/** Two copies of the runtime in one page, each with a device of its own. */
async function suspendNatively(): Promise<Pair> {
  const { lua } = await openModels();
  const graph = luaGraph(lua, SMALL.lua);
  const open = async (ort: OrtModule) => {
    ort.env.wasm.numThreads = threadCount();
    const device = await openGpuDevice(ort, new SerialQueue());
    return { device, session: await device.createSession(graph, lua.weights) };
  };
  const rewritten = await open(await import('onnxruntime-web/webgpu'));
  const native = await open(await import('onnxruntime-web/jspi'));
  const run = async ({ device, session }: typeof native) => {
    await session.run();
    await idle(device);
  };
  return {
    before: () => run(rewritten),
    after: () => run(native),
    async close() {
      for (const { device } of [rewritten, native]) await device.close();
    },
  };
}

async function waitAsleep(kind: 'lua' | 'decoder'): Promise<Pair> {
  const ort = await loadOrt();
  const models = await openModels();
  const graph = kind === 'lua' ? luaGraph(models.lua, MEDIUM) : decoderGraph(models.decoder, MEDIUM);
  const create = (spinning: '0' | '1'): Promise<InferenceSession> =>
    ort.InferenceSession.create(graph.model, {
      executionProviders: ['wasm'],
      externalData: graph.weightPaths.map((path) => ({ path, data: models[kind].weights.get(path)! })),
      extra: { session: { intra_op: { allow_spinning: spinning } } },
    });
  const [spinning, asleep] = [await create('1'), await create('0')];
  const { shape } = graph.input;
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.3);
  const feeds = { input: new ort.Tensor('float32', values, shape) };
  return {
    before: () => spinning.run(feeds),
    after: () => asleep.run(feeds),
    async close() {
      await spinning.release();
      await asleep.release();
    },
  };
}

async function openGpu(): Promise<Device> {
  return openGpuDevice(await loadOrt(), new SerialQueue());
}

async function openModels(): Promise<BenchModels> {
  const catalogUrl = new URL('models/catalog.json', location.href).href;
  return openBenchModels(await openWeights({ catalogUrl, store: createMemoryStore() }), 'flux1');
}

function luaGraph({ architecture, files }: BenchModel, edge: number): BuiltGraph {
  const size = { scale: 2, height: edge, width: edge };
  return buildGraph(architecture, { weights: files, precision: 'fp32', ...size });
}

function decoderGraph({ architecture, files }: BenchModel, edge: number): BuiltGraph {
  return buildGraph(architecture, { weights: files, height: edge, width: edge, precision: 'fp32' });
}

/** One value read back comes after all work before it. */
async function idle({ grids }: Device): Promise<void> {
  const pixel = grids.zeros([1, 1, 1]);
  await grids.toArray(pixel);
  grids.free(pixel);
}
