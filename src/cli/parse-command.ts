import { parseArgs } from 'node:util';
import { defined } from '../defined';
import type { Scale } from '../engine/types';
import { LeapError } from '../errors';
import { FACTORS_TAKEN, isFactor } from '../factor';
import type { Precision } from '../graph/types';
import { FAMILY_IDS, LATENT_OUTPUTS, type LatentOutput } from '../latent';
import type { ReadHints } from '../latent/types';
import { METHODS, type Method } from '../methods';

/** What the file does not say: hints, and the file of a batch norm. */
export interface ReadingOptions {
  files: string[];
  hints: ReadHints;
  /** A VAE of FLUX.2 with its own batch norm. */
  batchNorm: string | undefined;
}

export interface InspectCommand extends ReadingOptions {
  json: boolean;
}

export interface UpscaleCommand extends ReadingOptions {
  out: string;
  /** Files of earlier runs are replaced, not numbered around. */
  overwrite: boolean;
  scale: Scale;
  method: Method;
  /** Instead of the method's own: the id of an upscaler of latents or pictures, or the path of its file. */
  upscaler: string | undefined;
  /** How often a latent upscaler is run. */
  passes: 1 | 2;
  saveLatent: LatentOutput | undefined;
  backend: 'cpu' | 'webgpu';
  precision: 'auto' | Precision;
  threads: number | undefined;
  tile: number | undefined;
  /** Ids of the catalogue, or paths of checkpoints. */
  lua: string | undefined;
  decoder: string | undefined;
  /** Folder or address with catalog.json; undefined: the models that come along. */
  models: string | undefined;
}

export type Command =
  | { name: 'help' }
  | { name: 'version' }
  | ({ name: 'inspect' } & InspectCommand)
  | ({ name: 'upscale' } & UpscaleCommand);

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  out: text,
  overwrite: flag,
  scale: { ...text, default: '2' },
  method: { ...text, default: 'lua' },
  passes: { ...text, default: '1' },
  'save-latent': text,
  json: flag,
  family: text,
  space: text,
  width: text,
  height: text,
  layout: text,
  tensor: text,
  item: text,
  'batch-norm': text,
  backend: { ...text, default: 'cpu' },
  precision: { ...text, default: 'auto' },
  threads: text,
  tile: text,
  lua: text,
  decoder: text,
  models: text,
  help: { ...flag, short: 'h' },
  version: flag,
} as const;

/**
 * The command line as data.
 * @param args without the program's own name
 * @throws LeapError `bad-option`
 */
export function parseCommand(args: string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...files] = positionals;
  if (name !== 'upscale' && name !== 'inspect') {
    throw bad(name ? `There is no command ${name}.` : 'A command is missing.');
  }
  if (files.length === 0) throw bad('No files were named.');
  const reading = { files, hints: readHints(values), batchNorm: values['batch-norm'] };
  if (name === 'inspect') return { name, ...reading, json: values.json ?? false };
  if (values.out === undefined) throw bad('--out DIR is missing.');
  const backend = oneOf('backend', values.backend, ['cpu', 'webgpu']);
  const precision = oneOf('precision', values.precision, ['auto', 'fp16', 'fp32']);
  if (precision === 'fp16' && backend === 'cpu') throw bad('--precision fp16 needs --backend webgpu.');
  const { method } = values;
  const known = METHODS.find((one) => one === method);
  return {
    name,
    ...reading,
    out: values.out,
    overwrite: values.overwrite ?? false,
    scale: readScale(values.scale),
    method: known ?? 'lua',
    upscaler: known ? undefined : method,
    passes: Number(oneOf('passes', values.passes, ['1', '2'])) as 1 | 2,
    saveLatent: readOutput(values['save-latent']),
    backend,
    precision,
    threads: count('threads', values.threads),
    tile: count('tile', values.tile),
    lua: values.lua,
    decoder: values.decoder,
    models: values.models,
  };
}

function parse(given: string[]) {
  const args = nameFormats(given);
  checkOptions(args);
  return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
}

/** Refuses what parseArgs would refuse, in words of our own. */
function checkOptions(args: string[]): void {
  const { tokens } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const known = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as keyof typeof OPTIONS] : undefined;
    if (!known) throw bad(`There is no option ${rawName}.${suggest(name)}`);
    if (known.type === 'boolean' && value !== undefined) throw bad(`${rawName} takes no value.`);
    if (known.type === 'string' && (value === undefined || (!inlineValue && value.startsWith('-')))) {
      throw bad(`${rawName} needs a value. One that begins with - is written ${rawName}=-VALUE.`);
    }
  }
}

function suggest(name: string): string {
  const meant = Object.keys(OPTIONS).find(
    (one) => name.length > 1 && (one.startsWith(name) || name.startsWith(one)),
  );
  return meant ? ` Did you mean --${meant}?` : '';
}

/**
 * `--save-latent` without a format means safetensors, as in its first version. A bare word behind it is taken for a
 * format, whatever it says: files have an ending.
 */
function nameFormats(args: string[]): string[] {
  return args.map((arg, at) => {
    const alone = arg === '--save-latent' && !/^\w+$/.test(args[at + 1] ?? '');
    return alone ? `${arg}=safetensors` : arg;
  });
}

function readOutput(format: string | undefined): LatentOutput | undefined {
  const names = LATENT_OUTPUTS.map(({ name }) => name);
  const chosen = oneOf('save-latent', format, names);
  return LATENT_OUTPUTS.find(({ name }) => name === chosen);
}

/** The engine knows which of these the chosen upscaler offers. */
function readScale(value: string): Scale {
  const scale = Number(value);
  if (!isFactor(scale)) throw bad(`--scale must be ${FACTORS_TAKEN}, not ${value}.`);
  return scale;
}

interface HintValues {
  family?: string;
  space?: string;
  width?: string;
  height?: string;
  layout?: string;
  tensor?: string;
  item?: string;
}

function readHints(values: HintValues): ReadHints {
  const { family, space, layout, tensor } = values;
  const item = count('item', values.item);
  return defined({
    family: oneOf('family', family, FAMILY_IDS),
    space: oneOf('space', space, ['model', 'decoder']),
    layout: oneOf('layout', layout, ['unpacked', 'packed', 'patchified']),
    tensor,
    item: item && item - 1,
    width: count('width', values.width),
    height: count('height', values.height),
  });
}

/** The value of an option; undefined where the option was not given. */
function oneOf<const T extends string>(option: string, value: string, allowed: readonly T[]): T;
function oneOf<const T extends string>(
  option: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined;
function oneOf(option: string, value: string | undefined, allowed: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw bad(`--${option} must be ${allowed.join(' or ')}, not ${value}.`);
  return found;
}

function count(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw bad(`--${option} must be a whole number above 0, not ${value}.`);
  return number;
}

function bad(message: string): LeapError {
  return new LeapError('bad-option', message);
}
