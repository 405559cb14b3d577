import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { openModels } from '../src/cli/models/open-models';
import { buildGraph } from '../src/graph';
import type { Precision } from '../src/graph/types';
import type { FamilyId } from '../src/latent/types';
import { randomTensor } from '../src/testing/graph/random-weights';
import { openBenchModels } from './cases/bench-models';

/**
 * `npm run bench:kernels [-- --network lua|decoder --size N --scale N --precision fp32|fp16]`: where the time of a
 * network goes on a GPU, by onnxruntime-node's WebGPU provider and its timestamps. On Linux it takes the adapter of
 * VK_DRIVER_FILES; Chromium's vk_swiftshader_icd.json is the software one.
 */
const { values } = parseArgs({
  options: {
    network: { type: 'string', default: 'lua' },
    family: { type: 'string', default: 'flux1' },
    size: { type: 'string', default: '64' },
    scale: { type: 'string', default: '2' },
    precision: { type: 'string', default: 'fp32' },
    runs: { type: 'string', default: '3' },
  },
});
const edge = Number(values.size);
const runs = Number(values.runs);

interface ProfileEvent {
  cat: string;
  name: string;
  /** Microseconds. */
  dur: number;
  ts: number;
}

const models = await openBenchModels(await openModels(undefined, () => {}), values.family as FamilyId);
const model = values.network === 'lua' ? models.lua : models.decoder;
const size = { height: edge, width: edge, precision: values.precision as Precision };
const graph = buildGraph(model.architecture, { ...size, weights: model.files, scale: Number(values.scale) });
const folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
const session = await ort.InferenceSession.create(graph.model, {
  executionProviders: [{ name: 'webgpu' }],
  externalData: graph.weightPaths.map((path) => ({ path, data: model.weights.get(path)! })),
  enableProfiling: true,
  profileFilePrefix: join(folder, 'profile'),
  logSeverityLevel: 3,
});
const input = new ort.Tensor('float32', randomTensor('input', [...graph.input.shape]), graph.input.shape);
// The first run compiles the shaders.
for (let run = 0; run <= runs; run++) await session.run({ [graph.input.name]: input });
session.endProfiling();
await session.release();
const [name] = await readdir(folder);
printShares(JSON.parse(await readFile(join(folder, name!), 'utf8')) as ProfileEvent[]);
await rm(folder, { recursive: true });

function printShares(events: ProfileEvent[]): void {
  const [first] = events.filter((event) => event.name === 'model_run');
  const kernels = events.filter(({ cat, ts }) => cat === 'Api' && ts > first!.ts + first!.dur);
  const total = kernels.reduce((sum, { dur }) => sum + dur, 0);
  const shares = new Map<string, { us: number; count: number }>();
  for (const { name: kernel, dur } of kernels) {
    const operator = /^[A-Za-z]+/.exec(kernel)![0];
    const share = shares.get(operator) ?? { us: 0, count: 0 };
    shares.set(operator, { us: share.us + dur, count: share.count + 1 });
  }
  console.log(`| ${values.network}, ${edge}x${edge} | kernels | ms | share |\n|---|--:|--:|--:|`);
  for (const [operator, { us, count }] of [...shares].sort((a, b) => b[1].us - a[1].us)) {
    const share = ((100 * us) / total).toFixed(1);
    console.log(`| ${operator} | ${count / runs} | ${(us / 1000 / runs).toFixed(2)} | ${share} % |`);
  }
  console.log(`| all | ${kernels.length / runs} | ${(total / 1000 / runs).toFixed(2)} | |`);
}
