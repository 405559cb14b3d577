import { IDENTITY } from '../device/runtime';
import type { AxisTile, Tile } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { FeatureStore } from './feature-store';
import type { SplitRun } from './split-run';

/** A part of the positions: [from, to). */
interface Part {
  from: number;
  to: number;
}

/**
 * The attention of every position to every other one, beside the features that it was made from. It is computed for
 * some positions and some of the others at a time, because all scores together would take the square of the size.
 *
 * The result of one run over its keys is weighed against the others by the sums of their exponentials, so the whole is
 * that of one softmax over all keys.
 *
 * @param step the one that begins with the attention
 */
export async function attend(
  run: SplitRun,
  step: number,
  { queries, keys }: { queries: number; keys: number },
  counter: { done: number },
): Promise<void> {
  const { workbench, network, progress } = run;
  const { grids } = workbench.device;
  const features = progress.features!;
  const positions = features.height * features.width;
  const { channels } = features;
  const result = FeatureStore.empty([channels, features.height, features.width], progress.precision);
  const parts = pairParts(positions, queries, keys);
  const before = counter.done;
  counter.done += parts.size;
  let merged = new MergedQueries(channels, queries);
  await runTiles(workbench, {
    network: network.attention(step, queries, { id: progress.id, values: progress.statistics }),
    tiles: [...parts.keys()],
    signal: run.signal,
    onPrepare: run.onPrepare,
    onTile: (done) => {
      if (done < parts.size) run.onRun(before + done);
    },
    fill: (tile, input) => {
      const { looking, seen } = parts.get(tile)!;
      const tokens = gatherTokens(features, looking, seen);
      const grid = grids.fromArray(tokens, input.dims);
      grids.cut(grid, 0, 0, input, IDENTITY);
      grids.free(grid);
    },
    take: async (output, tile) => {
      const { looking, seen } = parts.get(tile)!;
      merged.add(await grids.toArray(output));
      if (seen.to < positions) return;
      merged.write(result, looking.from);
      merged = new MergedQueries(channels, queries);
    },
  });
  // What could not be read back is blank, and would stay so in the next attempt.
  workbench.device.checkHealth();
  Object.assign(progress, { features: features.with(result), attended: true });
}

/** Pairs every part of the queries with every part of the keys, as tiles in one row. */
function pairParts(
  positions: number,
  queries: number,
  keys: number,
): Map<Tile, { looking: Part; seen: Part }> {
  const count = Math.ceil(positions / keys);
  const seen = Array.from({ length: count }, (_, i): Part => {
    return { from: Math.floor((i * positions) / count), to: Math.floor(((i + 1) * positions) / count) };
  });
  const pairs = new Map<Tile, { looking: Part; seen: Part }>();
  for (let start = 0; start < positions; start += queries) {
    // All parts have one size, so the last one repeats some positions of its neighbour.
    const from = Math.min(start, positions - queries);
    const looking = { from, to: from + queries };
    for (const part of seen) pairs.set(rowOf(queries + part.to - part.from), { looking, seen: part });
  }
  return pairs;
}

function rowOf(size: number): Tile {
  const axis = (length: number): AxisTile => ({
    start: 0,
    size: length,
    from: 0,
    to: length,
    fadeIn: 0,
    fadeOut: 0,
  });
  return { x: axis(size), y: axis(1) };
}

/** [C, queries + keys]. */
function gatherTokens(features: FeatureStore, looking: Part, seen: Part): Float32Array {
  const [queries, keys] = [looking.to - looking.from, seen.to - seen.from];
  const tokens = new Float32Array(features.channels * (queries + keys));
  for (let c = 0; c < features.channels; c++) {
    const both = tokens.subarray(c * (queries + keys), (c + 1) * (queries + keys));
    features.read(c, looking.from, both.subarray(0, queries));
    features.read(c, seen.from, both.subarray(queries));
  }
  return tokens;
}

/** The mixtures of some queries over all parts of the keys seen so far. */
class MergedQueries {
  readonly #channels: number;
  readonly #count: number;
  readonly #mixed: Float64Array;
  /** Logarithm of the sum of the exponentials of all scores seen so far. */
  readonly #weight: Float64Array;

  constructor(channels: number, count: number) {
    this.#channels = channels;
    this.#count = count;
    this.#mixed = new Float64Array(channels * count);
    this.#weight = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param part [C + 1, queries] as buildAttentionPart gives it */
  add(part: Float32Array): void {
    const count = this.#count;
    const [keep, take] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0; i < count; i++) {
      const [old, fresh] = [this.#weight[i]!, part[this.#channels * count + i]!];
      const most = Math.max(old, fresh);
      const sum = most + Math.log(Math.exp(old - most) + Math.exp(fresh - most));
      keep[i] = Math.exp(old - sum);
      take[i] = Math.exp(fresh - sum);
      this.#weight[i] = sum;
    }
    for (let at = 0; at < this.#mixed.length; at++) {
      const i = at % count;
      this.#mixed[at] = this.#mixed[at]! * keep[i]! + part[at]! * take[i]!;
    }
  }

  write(result: FeatureStore, from: number): void {
    for (let c = 0; c < this.#channels; c++) {
      result.write(c, from, this.#mixed.subarray(c * this.#count, (c + 1) * this.#count));
    }
  }
}
