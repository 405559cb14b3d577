import type { BuiltGraph, Precision } from '../src/graph/types';
import type { FamilyId } from '../src/latent/types';

/** What a run of the benchmark is about. Plain data: it crosses into the browser. */
export interface Workload {
  family: FamilyId;
  /** Edge of the square latent before upscaling, in latent positions. */
  size: number;
  scale: number;
  precision: Precision;
}

/** One network of a case: what it computes, and what that costs by count. */
export interface Step {
  name: 'upscale' | 'decode';
  graph: BuiltGraph;
  /** Weights path -> bytes. */
  weights: ReadonlyMap<string, Uint8Array>;
  /** False where the graph came from elsewhere and its traffic is not known. */
  knowsBytes: boolean;
}

/** One way from the small latent to the large picture. */
export interface Case {
  id: CaseId;
  label: string;
  /** Built late: graphs of several cases at once would only take memory. */
  build(): Step[];
}

export type BenchBackend = 'webgpu' | 'wasm' | 'cpu';

export type CaseId = 'lua' | 'bicubic' | 'pixel-trunk' | 'pixel-span';

/** Of several rounds, in milliseconds. */
export interface Spread {
  median: number;
  least: number;
  greatest: number;
}

export interface StepResult {
  name: Step['name'];
  ms: Spread;
  multiplyAdds: number;
  /** Bytes that the graph's operations read and write; null where not known. */
  bytesMoved: number | null;
}

/** What one case took; with `failed` there are no steps. */
export interface CaseResult {
  id: CaseId;
  label: string;
  /** Why there is no measurement. */
  failed?: string;
  steps: StepResult[];
  /** All steps of a round. */
  totalMs: Spread | null;
  /** Making the sessions, weights included. */
  createMs: number;
  /** Highest resident memory during the case, less what was resident before; null where not known. */
  peakBytes: number | null;
}

export interface Measurement {
  workload: Workload;
  results: CaseResult[];
}

export interface Machine {
  processor: string;
  cores: number;
  memoryBytes: number;
  /** Mean number of busy processes over the last minute, before the run: above 0, others were at work. */
  load: number;
  platform: string;
}

/** Everything of one run, as the JSON holds it. */
export interface BenchReport {
  date: string;
  machine: Machine;
  backend: BenchBackend;
  /** The GPU, or the processor backend with its threads. */
  adapter: string;
  versions: Record<string, string>;
  models: string;
  rounds: number;
  warmups: number;
  measurements: Measurement[];
}
