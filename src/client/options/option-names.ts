import type { MemoryOptions, WayOptions } from '../../engine/types';
import type { WriteOptions } from '../../latent';
import type { ReadHints } from '../../latent/types';
import type { ModelCheck, Output, RunOptions, UpscaleOptions, WarmUpOptions } from '../types';
import type { CreateOptions, RuntimeOptions, TimeLimits } from './create-options';

/** The names of all options. The types see to it that none is missing and none is too many. */
export type Names<T> = Readonly<Record<keyof T, true>>;

export const MEMORY: Names<MemoryOptions> = { budget: true, buffer: true };
export const LIMITS: Names<TimeLimits> = { start: true, silence: true, cancel: true };
export const RUNTIME: Names<RuntimeOptions> = { wasm: true, threads: true };

export const CREATE: Names<CreateOptions> = {
  models: true,
  backend: true,
  precision: true,
  memory: true,
  modelHosts: true,
  store: true,
  thread: true,
  worker: true,
  runtime: true,
  ort: true,
  device: true,
  runExclusive: true,
  limits: true,
  signal: true,
  onProgress: true,
  onNotice: true,
};

export const HINTS: Names<ReadHints> = {
  family: true,
  space: true,
  layout: true,
  tensor: true,
  batchNorm: true,
  width: true,
  height: true,
  item: true,
  name: true,
};

/** Which models, and how often. */
const CHOICE: Names<Omit<ModelCheck, 'family' | 'signal'>> = {
  scale: true,
  method: true,
  decoder: true,
  lua: true,
  passes: true,
  enlarger: true,
};

export const MODEL_CHECK: Names<ModelCheck> = { ...CHOICE, family: true, signal: true };

/** Of all that makes a picture. */
const WAY: Names<WayOptions> = {
  ...CHOICE,
  tile: true,
  signal: true,
  onProgress: true,
};

export const UPSCALE: Names<UpscaleOptions<Output>> = {
  ...WAY,
  keepLatent: true,
  check: true,
  output: true,
  dtype: true,
  canvas: true,
  onTile: true,
};

export const RUN: Names<RunOptions<Output>> = { ...UPSCALE, transfer: true };

export const WARM_UP: Names<WarmUpOptions> = { ...WAY, family: true, width: true, height: true };

export const WRITE: Names<WriteOptions> = { consumer: true, dtype: true, batchNorm: true };
