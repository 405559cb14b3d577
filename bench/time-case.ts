import type { Device, Session } from '../src/engine/runtime';
import { IDENTITY } from '../src/engine/runtime';
import { randomTensor } from '../src/graph/test-weights';
import { spreadOf } from './spread';
import type { Case, CaseResult, Step } from './types';

export interface Rounds {
  rounds: number;
  /** Runs before the first one that counts: shaders compile, memory is laid out. */
  warmups: number;
}

/** Runs one case; what goes wrong is part of the result, so that the other cases still run. */
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

async function timeSteps(
  device: Device,
  steps: Step[],
  { rounds, warmups }: Rounds,
): Promise<Pick<CaseResult, 'steps' | 'totalMs' | 'createMs'>> {
  const sessions: Session[] = [];
  try {
    const start = performance.now();
    for (const { graph, weights } of steps) sessions.push(await device.createSession(graph, weights));
    const createMs = performance.now() - start;
    fillInput(device, sessions[0]!);
    for (let i = 0; i < warmups; i++) await timeRound(device, sessions);
    const times: number[][] = [];
    for (let i = 0; i < rounds; i++) times.push(await timeRound(device, sessions));
    return {
      steps: steps.map(({ name, graph, knowsBytes }, i) => ({
        name,
        ms: spreadOf(times.map((round) => round[i]!)),
        multiplyAdds: graph.multiplyAdds,
        bytesMoved: knowsBytes ? graph.bytesMoved : null,
      })),
      totalMs: spreadOf(times.map((round) => round.reduce((sum, ms) => sum + ms, 0))),
      createMs,
    };
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** @returns milliseconds of each session, the device idle before and after it */
async function timeRound(device: Device, sessions: Session[]): Promise<number[]> {
  const times: number[] = [];
  for (const [i, session] of sessions.entries()) {
    const start = performance.now();
    const output = await session.run();
    await finish(device, output);
    times.push(performance.now() - start);
    const next = sessions[i + 1];
    if (next) {
      device.grids.cut(output, 0, 0, next.input, IDENTITY);
      await finish(device, next.input);
    }
  }
  return times;
}

/** A GPU works on after the call has returned; one value read back comes after all of it. */
async function finish(device: Device, grid: Session['input']): Promise<void> {
  const pixel = device.grids.zeros([1, 1, 1]);
  device.grids.cut(grid, 0, 0, pixel, IDENTITY);
  await device.grids.toArray(pixel);
  device.grids.free(pixel);
}

function fillInput({ grids }: Device, { input }: Session): void {
  const values = grids.fromArray(randomTensor('input', [...input.dims]), input.dims);
  grids.cut(values, 0, 0, input, IDENTITY);
  grids.free(values);
}
