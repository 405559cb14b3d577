import { parseArgs } from 'node:util';
import type { Precision } from '../src/graph/types';
import { FAMILY_IDS } from '../src/latent';
import type { FamilyId } from '../src/latent/types';
import { type BenchBackend, CASE_IDS, type CaseId } from './types';

export interface BenchOptions {
  backend: BenchBackend;
  /** Node's engine instead of a browser. */
  node: boolean;
  family: FamilyId;
  sizes: number[];
  scales: number[];
  precision: Precision;
  rounds: number;
  warmups: number;
  /** Times that all cases are gone through, one after the other, the rounds in each. */
  passes: number;
  /** Undefined: all that there are. */
  cases: CaseId[] | undefined;
  /** Undefined: as many as there are cores. */
  threads: number | undefined;
  /** Folder with ONNX files of SPAN, named 2x... and 4x... */
  span: string | undefined;
  /** Folder in which UpscalerJS is installed. */
  upscalerjs: string | undefined;
  /** Folder with TAESD's decoders; given, nothing but decoders is measured. */
  decoders: string | undefined;
  /** A Python that has PyTorch. */
  pytorch: string | undefined;
  /** WebGPU adapter to ask Chromium for: its own choice, or software. */
  adapter: 'default' | 'swiftshader';
  out: string;
}

export const USAGE = `npm run bench -- [options]
  --node               measure in Node instead of Chromium
  --backend NAME       Chromium: webgpu (default) or wasm; Node: cpu (default) or webgpu
  --adapter NAME       Chromium's WebGPU: default, or swiftshader (software: its times say nothing about a GPU)
  --family NAME        ${FAMILY_IDS.join(', ')} (default flux1)
  --size N[,N]         edge of the latent before upscaling (default 32)
  --scale 2[,4]        (default 2,4)
  --precision NAME     fp32 (default) or fp16
  --rounds N           rounds that count (default 5), after
  --warmups N          rounds that do not (default 1)
  --passes N           go through all cases N times, with the rounds in each (default 1; 3 on a busy machine)
  --cases NAME[,NAME]  only these: ${CASE_IDS.join(', ')}
  --threads N          Node: threads of the processor; Chromium: 1, or as many as there are cores (default)
  --span FOLDER        ONNX files of SPAN, 2x*.onnx and 4x*.onnx, to compare with
  --upscalerjs FOLDER  folder in which UpscalerJS is installed (without it, the command is printed)
  --pytorch PYTHON     a Python with PyTorch and safetensors: the same networks there, on the same machine
  --decoders FOLDER    compare our decoder with TAESD's in this folder, and nothing else
  --out FOLDER         for the JSON and the Markdown (default bench/results)`;

/** @throws Error naming the option that is wrong */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      node: { type: 'boolean', default: false },
      backend: { type: 'string' },
      adapter: { type: 'string', default: 'default' },
      family: { type: 'string', default: 'flux1' },
      size: { type: 'string', default: '32' },
      scale: { type: 'string', default: '2,4' },
      precision: { type: 'string', default: 'fp32' },
      rounds: { type: 'string', default: '5' },
      warmups: { type: 'string', default: '1' },
      passes: { type: 'string', default: '1' },
      cases: { type: 'string' },
      threads: { type: 'string' },
      span: { type: 'string' },
      upscalerjs: { type: 'string' },
      pytorch: { type: 'string' },
      decoders: { type: 'string' },
      out: { type: 'string', default: 'bench/results' },
    },
  });
  const { node, span, upscalerjs, decoders, pytorch, out } = values;
  const backends = node ? (['cpu', 'webgpu'] as const) : (['webgpu', 'wasm'] as const);
  return {
    node,
    backend: choose('backend', values.backend ?? backends[0], backends),
    adapter: choose('adapter', values.adapter, ['default', 'swiftshader']),
    family: choose('family', values.family, FAMILY_IDS),
    sizes: readNumbers('size', values.size),
    scales: decoders === undefined ? readNumbers('scale', values.scale).map(checkScale) : [1],
    precision: choose('precision', values.precision, ['fp32', 'fp16']),
    rounds: readNumber('rounds', values.rounds, 1),
    warmups: readNumber('warmups', values.warmups, 0),
    passes: readNumber('passes', values.passes, 1),
    cases: values.cases?.split(',').map((name) => choose('cases', name, CASE_IDS)),
    threads: values.threads === undefined ? undefined : readNumber('threads', values.threads, 1),
    span,
    upscalerjs,
    decoders,
    pytorch,
    out,
  };
}

function checkScale(scale: number): number {
  if (scale === 2 || scale === 4) return scale;
  throw new Error(`--scale takes 2 and 4, not ${scale}`);
}

function choose<Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`--${name} takes ${choices.join(', ')}, not ${value}`);
  return found;
}

function readNumbers(name: string, value: string): number[] {
  return value.split(',').map((part) => readNumber(name, part, 1));
}

function readNumber(name: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${name} takes whole numbers from ${least}, not ${value}`);
}
