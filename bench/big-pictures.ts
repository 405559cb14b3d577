import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openModels } from '../src/cli/models/open-models';
import { PngFile } from '../src/cli/output/png-file';
import { createEngine } from '../src/engine';
import { openNodeRuntime } from '../src/engine/device/node/open-node-runtime';
import type { Report } from '../src/engine/types';
import { latentFromRaw } from '../src/latent';
import { randomTensor } from '../src/testing/graph/random-weights';
import { describeMachine } from './report/describe-machine';
import { spreadOf } from './report/spread';

/**
 * `npm run bench:big [-- --pixels 1024,4096 --scale 2 --rounds N --buffer MiB --budget GB]` measures the time per
 * megapixel and the highest resident memory of large pictures, for LUA, decoder and PNG together, with Node's engine
 * and buffers of limited size. Each picture has a process of its own, and the sizes take turns.
 */
const { values } = parseArgs({
  options: {
    pixels: { type: 'string', default: '1024,4096' },
    scale: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    buffer: { type: 'string', default: '128' },
    budget: { type: 'string', default: '1.5' },
    child: { type: 'string' },
  },
});

/** Latent positions to pixels. */
const STRIDE = 8;

interface Outcome {
  report: Report;
  /** The part of the PNG that remains to be compressed when the last tile is decoded. */
  msWrite: number;
  /** Resident memory of the whole process. */
  peakBytes: number;
}

if (values.child === undefined) await compare(values.pixels.split(',').map(Number));
else process.send!(await measure(Number(values.child)));

async function compare(edges: number[]): Promise<void> {
  const { processor, cores, load } = describeMachine();
  console.log(
    `${processor}, ${cores} cores, load ${load.toFixed(1)}; buffers of ${values.buffer} MiB at most, ` +
      `a budget of ${values.budget} GB; x${values.scale}; ${values.rounds} rounds\n`,
  );
  const outcomes = new Map(edges.map((edge) => [edge, [] as Outcome[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [edge, done] of outcomes) done.push(await inChild(edge));
  }
  console.log('| pixels | tiles: LUA, decoder | s per megapixel | times the first | GB resident |');
  console.log('|---|--:|--:|--:|--:|');
  const cost = (edge: number) => spreadOf(outcomes.get(edge)!.map((one) => secondsPerMegapixel(edge, one)));
  for (const [edge, done] of outcomes) {
    const { upscale, decode } = done[0]!.report.tiles;
    const { median, least, greatest } = cost(edge);
    const seconds = `${median.toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)})`;
    const ratio = (median / cost(edges[0]!).median).toFixed(2);
    const peak = Math.max(...done.map(({ peakBytes }) => peakBytes)) / 1e9;
    console.log(`| ${edge}x${edge} | ${upscale}, ${decode} | ${seconds} | ${ratio} | ${peak.toFixed(2)} |`);
  }
}

/** The time to make sessions is left out, because it does not grow with the picture. */
function secondsPerMegapixel(edge: number, { report, msWrite }: Outcome): number {
  return (report.ms.upscale + report.ms.decode + msWrite) / 1000 / (edge ** 2 / 1e6);
}

async function inChild(edge: number): Promise<Outcome> {
  const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--child', `${edge}`], {
    execArgv: ['--import', 'tsx'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The process for ${edge} pixels ended without an answer.`);
  });
  const [outcome] = (await Promise.race([once(child, 'message'), ended])) as [Outcome];
  child.kill();
  return outcome;
}

async function measure(edge: number): Promise<Outcome> {
  const scale = Number(values.scale) as 2 | 4;
  const positions = edge / STRIDE / scale;
  const engine = await createEngine({
    runtime: openNodeRuntime(),
    weights: await openModels(undefined, () => {}),
    backend: 'cpu',
    precision: 'fp32',
    memory: { buffer: Number(values.buffer) * 2 ** 20, budget: Number(values.budget) * 1e9 },
  });
  const dims = [1, 16, positions, positions];
  const [latent] = latentFromRaw({ data: randomTensor('latent', dims), dims }, { family: 'flux1' });
  const folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
  let picture: PngFile | undefined;
  const { report } = await engine.upscale(latent!, {
    scale,
    method: 'lua',
    openPicture: (width, height) => {
      picture = new PngFile(join(folder, 'picture.png'), width, height);
      return picture;
    },
  });
  const decoded = performance.now();
  await picture?.finish();
  const msWrite = performance.now() - decoded;
  await picture?.keep();
  await engine.close();
  await rm(folder, { recursive: true });
  return { report, msWrite, peakBytes: process.resourceUsage().maxRSS * 1024 };
}
