import { openNodeRuntime } from '../src/engine/device/node/open-node-runtime';
import { type Grid, IDENTITY, type Session } from '../src/engine/device/runtime';
import { pieceOf, planTiles, type TilingRule, wholeRule } from '../src/engine/tiles/plan-tiles';
import { buildEnlargement, buildGraph } from '../src/graph';
import type { BuiltGraph } from '../src/graph/types';
import { randomTensor } from '../src/testing/graph/random-weights';
import { type BenchModel, makeOtherUpscaler } from './cases/bench-models';

/**
 * `npx tsx bench/lsr-tiles.ts [FACTOR]`: how far LSR's result is off where its trunk runs in tiles, for several
 * overlaps, in units of the deviation of what the network adds to bicubic. The weights are random; FACTOR multiplies
 * those of the queries, keys and values and the position biases, which makes the windows' attention sharper.
 */
const EDGE = 128;
const CHANNELS = 4;
const SCALE = 2;
/** What a tile keeps, so every position has a border near. */
const KEPT = 32;
const OVERLAPS = [
  [8, 8],
  [16, 8],
  [24, 8],
] as const;

const model = makeOtherUpscaler('lsr');
sharpen(model, Number(process.argv[2] ?? 1));
const device = await openNodeRuntime().openDevice('cpu');
const { grids } = device;
const dims: Grid['dims'] = [CHANNELS, EDGE, EDGE];
const latent = grids.fromArray(randomTensor('input', [1, ...dims]), dims);

const filter = { channels: CHANNELS, height: EDGE, width: EDGE, scale: SCALE, filter: 'bicubic' } as const;
const bicubic = await run(await device.createSession(buildEnlargement(filter), new Map()), latent);
const head = await open('pixels', EDGE, EDGE);
const whole = await run(head, await runTrunk(wholeRule(EDGE, EDGE)));
const unit = deviation(whole.map((value, i) => value - bicubic[i]!));

console.log('| dropped, blended | rms | max |\n|---|---|---|');
for (const [halo, fade] of OVERLAPS) {
  const tiled = await run(head, await runTrunk({ tile: KEPT + 2 * halo + fade, halo, fade, align: 8 }));
  const off = tiled.map((value, i) => (value - whole[i]!) / unit);
  const worst = off.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  console.log(`| ${halo}, ${fade} | ${deviation(off).toExponential(1)} | ${worst.toExponential(1)} |`);
}

function open(piece: 'latent' | 'pixels', height: number, width: number): Promise<Session> {
  const { architecture, files, weights } = model;
  const size = { height, width, precision: 'fp32' } as const;
  const graph: BuiltGraph = buildGraph(architecture, { weights: files, scale: SCALE, piece, ...size });
  return device.createSession(graph, weights);
}

async function run(session: Session, input: Grid): Promise<Float32Array> {
  grids.cut(input, 0, 0, session.input, IDENTITY);
  return (await grids.toArray(await session.run())).slice();
}

/** The features of the whole latent. */
async function runTrunk(rule: TilingRule): Promise<Grid> {
  let target: Grid | undefined;
  for (const tile of planTiles(EDGE, EDGE, rule)) {
    const session = await open('latent', tile.y.size, tile.x.size);
    grids.cut(latent, tile.x.start, tile.y.start, session.input, IDENTITY);
    const output = await session.run();
    target ??= grids.zeros([output.dims[0], EDGE, EDGE]);
    await grids.add(output, pieceOf(tile, 1), target, IDENTITY);
    await session.release();
  }
  return target!;
}

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}

/** Changes the weights in place. */
function sharpen({ files, weights }: BenchModel, factor: number): void {
  const [{ header, path }] = files as [BenchModel['files'][number]];
  const { buffer, byteOffset } = weights.get(path)!;
  for (const { name, begin, end } of header.entries.values()) {
    if (!/residual_group.*(qkv|relative_position_bias_table)/.test(name)) continue;
    const values = new Float32Array(buffer, byteOffset + header.dataStart + begin, (end - begin) / 4);
    for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
  }
}
