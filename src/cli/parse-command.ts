import { parseArgs } from 'node:util';
import type { Method, Scale } from '../engine/types';
import { LeapError } from '../errors';
import type { Precision } from '../graph/types';
import { FAMILY_IDS } from '../latent';
import type { ReadHints, Space } from '../latent/types';

export interface UpscaleCommand {
  files: string[];
  out: string;
  scale: Scale;
  method: Method;
  saveLatent: boolean;
  hints: ReadHints;
  backend: 'cpu' | 'webgpu';
  precision: 'auto' | Precision;
  threads: number | undefined;
  tile: number | undefined;
  lua: string | undefined;
  decoder: string | undefined;
  /** Folder or address with catalog.json; undefined: the models that come along. */
  models: string | undefined;
}

export type Command = { name: 'help' } | { name: 'version' } | ({ name: 'upscale' } & UpscaleCommand);

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  out: text,
  scale: { ...text, default: '2' },
  method: { ...text, default: 'lua' },
  'save-latent': flag,
  family: text,
  space: text,
  width: text,
  height: text,
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
  if (name !== 'upscale') throw bad(name ? `There is no command ${name}.` : 'A command is missing.');
  if (files.length === 0) throw bad('Which files? None were named.');
  if (values.out === undefined) throw bad('--out DIR is missing.');
  const backend = oneOf('backend', values.backend, ['cpu', 'webgpu']);
  const precision = oneOf('precision', values.precision, ['auto', 'fp16', 'fp32']);
  if (precision === 'fp16' && backend === 'cpu') throw bad('--precision fp16 needs --backend webgpu.');
  return {
    name,
    files,
    out: values.out,
    scale: Number(oneOf('scale', values.scale, ['1', '2', '4'])) as Scale,
    method: oneOf<Method>('method', values.method, ['lua', 'bicubic']),
    saveLatent: values['save-latent'] ?? false,
    hints: readHints(values),
    backend,
    precision,
    threads: count('threads', values.threads),
    tile: count('tile', values.tile),
    lua: values.lua,
    decoder: values.decoder,
    models: values.models,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (cause) {
    throw bad(cause instanceof Error ? cause.message : String(cause));
  }
}

function readHints(values: { family?: string; space?: string; width?: string; height?: string }): ReadHints {
  const { family, space } = values;
  const width = count('width', values.width);
  const height = count('height', values.height);
  return {
    ...(family === undefined ? {} : { family: oneOf('family', family, FAMILY_IDS) }),
    ...(space === undefined ? {} : { space: oneOf<Space>('space', space, ['model', 'decoder']) }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
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
