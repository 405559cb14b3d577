import type { CaseResult } from '../types';
import { spreadOf } from './spread';

/**
 * Makes one result from the passes of a case. All rounds count alike; the longest time to make sessions and the highest
 * peak are kept. If one pass failed, the whole fails.
 */
export function poolPasses(passes: readonly CaseResult[]): CaseResult {
  const [first] = passes;
  if (!first) throw new RangeError('There is no result of nothing.');
  const failed = passes.find((pass) => pass.failed !== undefined);
  if (failed) return failed;
  const steps = first.steps.map((step, i) => {
    const samples = passes.flatMap((pass) => pass.steps[i]!.samples);
    return { ...step, samples, ms: spreadOf(samples) };
  });
  const peaks = passes.map(({ peakBytes }) => peakBytes);
  return {
    ...first,
    steps,
    totalMs: totalOf(steps.map(({ samples }) => samples)),
    createMs: Math.max(...passes.map(({ createMs }) => createMs)),
    peakBytes: peaks.includes(null) ? null : Math.max(...(peaks as number[])),
  };
}

/** @param samples milliseconds of each step in each round */
export function totalOf(samples: readonly (readonly number[])[]): CaseResult['totalMs'] {
  const rounds = samples[0]?.map((_, round) => samples.reduce((sum, times) => sum + times[round]!, 0));
  return rounds ? spreadOf(rounds) : null;
}
