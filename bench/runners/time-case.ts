import type { Device, Grid } from '../../src/engine/device/runtime';
import { IDENTITY } from '../../src/engine/device/runtime';
import { randomTensor } from '../../src/testing/graph/random-weights';
import { totalOf } from '../report/pool-passes';
import { spreadOf } from '../report/spread';
import type { Case, CaseResult, Step } from '../types';

export interface Rounds {
  rounds: number;
  /** Runs before the first one that counts, in which shaders compile and memory is laid out. */
  warmups: number;
}

/** Runs one case. A failure becomes part of the result, so that the other cases still run. */
export async function timeCase(
  device: Device,
  { id, label, build }: Case,
  rounds: Rounds,
): Promise<CaseResult> {
  try {
    return { id, label, ...(await timeSteps(device, build(), rounds)), peakBytes: null };
  } catch (thrown) {
    const failed = thrown instanceof Error ? thrown.message : String(thrown);
    return { id, label, failed, steps: [], totalMs: null, createMs: 0, peakBytes: null };
  }
}

/** A step with its network in place. */
interface OpenStep {
  step: Step;
  multiplyAdds: number;
  /** Takes the output of the step before. This is not timed. */
  fill(output: Grid): Promise<void>;
  /** Resolves when the work is done. */
  run(): Promise<Grid | undefined>;
  release(): void | Promise<void>;
}

async function timeSteps(
  device: Device,
  steps: Step[],
  { rounds, warmups }: Rounds,
): Promise<Pick<CaseResult, 'steps' | 'totalMs' | 'createMs'>> {
  const opened: OpenStep[] = [];
  try {
    const start = performance.now();
    for (const step of steps) opened.push(await openStep(device, step));
    const createMs = performance.now() - start;
    for (let i = 0; i < warmups; i++) await timeRound(opened);
    const times: number[][] = [];
    for (let i = 0; i < rounds; i++) times.push(await timeRound(opened));
    const samples = opened.map((_, i) => times.map((round) => round[i]!));
    return {
      steps: opened.map(({ step, multiplyAdds }, i) => ({
        name: step.name,
        samples: samples[i]!,
        ms: spreadOf(samples[i]!),
        multiplyAdds,
        bytesMoved: 'graph' in step && step.knowsBytes ? step.graph.bytesMoved : null,
      })),
      totalMs: totalOf(samples),
      createMs,
    };
  } finally {
    for (const { release } of opened) await release();
  }
}

/** The first step's input is noise. The input of each other step is the output of the one before. */
async function openStep(device: Device, step: Step): Promise<OpenStep> {
  const { grids } = device;
  if ('open' in step) {
    const network = await step.open();
    let input: Float32Array = new Float32Array();
    let dims: Grid['dims'] = [0, 0, 0];
    return {
      step,
      multiplyAdds: network.multiplyAdds,
      async fill(output) {
        input = await grids.toArray(output);
        dims = output.dims;
      },
      run: () => network.run(input, dims).then(() => undefined),
      release: network.release,
    };
  }
  const session = await device.createSession(step.graph, step.weights);
  const noise = grids.fromArray(randomTensor('input', [...session.input.dims]), session.input.dims);
  grids.cut(noise, 0, 0, session.input, IDENTITY);
  grids.free(noise);
  return {
    step,
    multiplyAdds: step.graph.multiplyAdds,
    async fill(output) {
      grids.cut(output, 0, 0, session.input, IDENTITY);
      await finish(device, session.input);
    },
    async run() {
      const output = await session.run();
      await finish(device, output);
      return output;
    },
    release: () => session.release(),
  };
}

/** @returns milliseconds of each step; the device is idle before and after it */
async function timeRound(steps: OpenStep[]): Promise<number[]> {
  const times: number[] = [];
  for (const [i, step] of steps.entries()) {
    const start = performance.now();
    const output = await step.run();
    times.push(performance.now() - start);
    if (output) await steps[i + 1]?.fill(output);
  }
  return times;
}

/** A GPU continues after the call has returned. A value that is read back comes after all of its work. */
async function finish(device: Device, grid: Grid): Promise<void> {
  const pixel = device.grids.zeros([1, 1, 1]);
  device.grids.cut(grid, 0, 0, pixel, IDENTITY);
  await device.grids.toArray(pixel);
  device.grids.free(pixel);
}
