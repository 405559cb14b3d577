import { createEngine } from '../../src/engine';
import type { Method } from '../../src/engine/types';
import { LeapError } from '../../src/errors';
import { type Fault, faultyRuntime } from '../../src/testing/engine/faulty-runtime';
import { makeLatent, makeTestModels, testSource } from '../../src/testing/engine/test-models';
import { TestPicture } from '../../src/testing/engine/test-picture';
import { Random } from '../fuzz/random';

export interface DeviceCounts {
  jobs: number;
  /** Faults that were reached. */
  faults: number;
  /** Jobs that ended with the right picture, and with an error that has a code. */
  right: number;
  refused: number;
  /** Anything else, with the seed that repeats it. */
  wrong: string[];
}

const MODELS = makeTestModels(['sdxl']);
const LATENT = makeLatent('sdxl', 24, 24);
const METHODS: readonly Method[] = ['lua', 'bicubic', 'pixels'];
const TILE = 24;
const MOST_RUNS = 14;
/** In 1/255: another precision or another size of tiles may round otherwise. */
const TOLERANCE = 1;

/**
 * Runs jobs on devices that fail: lost, out of memory, with flat or infinite values, or without room for the result,
 * up to four of them in a row, each at any run of any phase.
 */
export async function soakDevices(jobs: number): Promise<DeviceCounts> {
  const counts: DeviceCounts = { jobs, faults: 0, right: 0, refused: 0, wrong: [] };
  const good = new Map<Method, Uint8ClampedArray>();
  for (const method of METHODS) good.set(method, (await run(method, [])).rgba);
  for (let seed = 1; seed <= jobs; seed++) {
    const random = new Random(seed);
    const method = random.pick(METHODS);
    const faults = Array.from({ length: 1 + random.below(4) }, () => makeFault(random));
    try {
      const { rgba, reached } = await run(method, faults);
      counts.faults += reached;
      if (largestDifference(rgba, good.get(method)!) <= TOLERANCE) counts.right++;
      else counts.wrong.push(`seed ${seed}: another picture by ${method}`);
    } catch (thrown) {
      const isTyped = thrown instanceof LeapError && thrown.code !== 'internal';
      counts.faults += faults.length;
      if (isTyped) counts.refused++;
      else counts.wrong.push(`seed ${seed}: ${thrown}`);
    }
  }
  return counts;
}

function makeFault(random: Random): Fault {
  const at = 1 + random.below(MOST_RUNS);
  switch (random.below(5)) {
    case 0:
      return { failAt: { run: at, error: new LeapError('device-lost', 'The GPU device was lost.') } };
    case 1:
      return { failAt: { run: at, error: new LeapError('out-of-memory', 'No room.', { runtime: true }) } };
    case 2:
      return { spoil: spoilAt(at, Number.NaN) };
    case 3:
      return { spoil: spoilAt(at, 0.5) };
    default:
      return { blankReadback: at };
  }
}

/** All values of one output become this. */
function spoilAt(run: number, value: number): (output: Float32Array) => void {
  let runs = 0;
  return (output) => {
    if (++runs === run) output.fill(value);
  };
}

async function run(method: Method, faults: Fault[]): Promise<{ rgba: Uint8ClampedArray; reached: number }> {
  const runtime = faultyRuntime(['webgpu', 'wasm'], faults);
  const engine = await createEngine({
    runtime,
    weights: testSource(MODELS),
    backend: 'auto',
    precision: 'fp32',
  });
  let picture: TestPicture | undefined;
  try {
    await engine.upscale(LATENT, {
      scale: 2,
      method,
      tile: TILE,
      openPicture: (width, height) => {
        picture = new TestPicture(width, height);
        return picture;
      },
    });
  } finally {
    await engine.close();
  }
  // A device is left for the next one only after its fault.
  return { rgba: picture!.rgba, reached: Math.min(faults.length, runtime.opened.length - 1) };
}

function largestDifference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - b[at]!)), 0);
}
