import type { CreateOptions, Scale } from '../../client';
import { DEFAULT_FACTOR, FACTORS_TAKEN, isFactor } from '../../factor';
import { joinWords } from '../../join-words';

/** The options that the page's address may set. */
export interface PageOptions {
  backend: NonNullable<CreateOptions['backend']>;
  precision: NonNullable<CreateOptions['precision']>;
  scale: Scale;
  /** What the address asks for and does not get, in words. */
  refused: readonly string[];
}

/** The values of an option; the first is the default. */
const ALLOWED = {
  backend: ['auto', 'webgpu', 'wasm'],
  precision: ['auto', 'fp16', 'fp32'],
} as const;

/** Reads `?backend=wasm&precision=fp32&scale=1.5`. Other names belong to other readers of the address. */
export function readPageOptions(search: string): PageOptions {
  const query = new URLSearchParams(search);
  const refused: string[] = [];
  const read = <T extends string>(name: string, allowed: readonly [T, ...T[]]): T => {
    const value = query.get(name);
    const found = allowed.find((one) => one === value);
    if (value !== null && found === undefined) {
      refused.push(refuse(name, value, joinWords(allowed, 'or'), allowed[0]));
    }
    return found ?? allowed[0];
  };
  const readScale = (): Scale => {
    const value = query.get('scale');
    if (value === null) return DEFAULT_FACTOR;
    // Number() reads blanks and 0x2 too.
    const scale = /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
    if (isFactor(scale)) return scale;
    refused.push(refuse('scale', value, FACTORS_TAKEN, `${DEFAULT_FACTOR}`));
    return DEFAULT_FACTOR;
  };
  return {
    backend: read('backend', ALLOWED.backend),
    precision: read('precision', ALLOWED.precision),
    scale: readScale(),
    refused,
  };
}

/** Longer values come from a broken address. */
const SHOWN_CHARS = 24;

function refuse(name: string, value: string, allowed: string, used: string): string {
  const shown = value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value;
  return `The page’s address asks for ${name}=${shown}. ${name} can be ${allowed}; ${used} is used.`;
}
