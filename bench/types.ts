import type { Dims } from '../src/engine/device/runtime';
import type { BuiltGraph, Precision } from '../src/graph/types';
import type { FamilyId } from '../src/latent/types';

/** What a run of the benchmark measures. It is plain data, because it crosses into the browser. */
export interface Workload {
  family: FamilyId;
  /** Edge of the square latent before upscaling, in latent positions. */
  size: number;
  /** 1 means that nothing is upscaled and decoders are compared. */
  scale: number;
  precision: Precision;
}

export type StepName = 'upscale' | 'decode';

/** A network of a case that the engine runs: what it computes, and what that costs by count. */
export interface GraphStep {
  name: StepName;
  graph: BuiltGraph;
  /** Weights path -> bytes. */
  weights: ReadonlyMap<string, Uint8Array>;
  /** False if the graph came from elsewhere and its traffic is not known. */
  knowsBytes: boolean;
}

/** A network with a runtime of its own. It comes last in its case, because no other step can take its output. */
export interface ForeignNetwork {
  multiplyAdds: number;
  /** @param input the output of the step before, [C, H, W] */
  run(input: Float32Array, dims: Dims): Promise<void>;
  release(): void;
}

interface ForeignStep {
  name: StepName;
  open(): Promise<ForeignNetwork>;
}

export type Step = GraphStep | ForeignStep;

/** One way from the small latent to the large picture. */
export interface Case {
  id: CaseId;
  label: string;
  /** Built late, because graphs of several cases at once would only take memory. */
  build(): Step[];
}

export type BenchBackend = 'webgpu' | 'wasm' | 'cpu';

export const CASE_IDS = [
  'lua',
  'authors-lua',
  'bicubic',
  'nn-latent-upscale',
  'sd-latent-upscaler',
  'lsr',
  'pixel-trunk',
  'pixel-span',
  'pixel-esrgan-medium',
  'pixel-esrgan-thick',
  'pytorch',
  'decoder',
  'taesd',
] as const;

export type CaseId = (typeof CASE_IDS)[number];

/** The times of several rounds, in milliseconds. */
export interface Spread {
  median: number;
  least: number;
  greatest: number;
}

export interface StepResult {
  name: StepName;
  /** Milliseconds of every round. */
  samples: number[];
  ms: Spread;
  /** Null where not known. */
  multiplyAdds: number | null;
  /** Bytes that the graph's operations read and write; null where not known. */
  bytesMoved: number | null;
}

/** What one case took. If it failed, it has no steps. */
export interface CaseResult {
  id: CaseId;
  label: string;
  /** Why there is no measurement. */
  failed?: string;
  steps: StepResult[];
  /** All steps of a round. */
  totalMs: Spread | null;
  /** Milliseconds to make the sessions, including their weights. */
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
  /** Mean number of busy processes in the minute before the run. Above 0, other programs were at work. */
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
  passes: number;
  measurements: Measurement[];
}
