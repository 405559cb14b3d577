import type { CreateOptions } from '../../client';
import { formatList } from '../text/format';

/** The options that the page's address may set. */
export interface PageOptions {
  backend: NonNullable<CreateOptions['backend']>;
  precision: NonNullable<CreateOptions['precision']>;
  scale: 2 | 4;
  /** What the address asks for and does not get, in words. */
  refused: readonly string[];
}

/** The values of each option; the first is the default. */
const ALLOWED = {
  backend: ['auto', 'webgpu', 'wasm'],
  precision: ['auto', 'fp16', 'fp32'],
  scale: ['2', '4'],
} as const;

/** Reads `?backend=wasm&precision=fp32&scale=4`. Other names belong to other readers of the address. */
export function readPageOptions(search: string): PageOptions {
  const query = new URLSearchParams(search);
  const refused: string[] = [];
  const read = <T extends string>(name: string, allowed: readonly [T, ...T[]]): T => {
    const value = query.get(name);
    const found = allowed.find((one) => one === value);
    if (value !== null && found === undefined) refused.push(refuse(name, value, allowed));
    return found ?? allowed[0];
  };
  return {
    backend: read('backend', ALLOWED.backend),
    precision: read('precision', ALLOWED.precision),
    scale: read('scale', ALLOWED.scale) === '4' ? 4 : 2,
    refused,
  };
}

/** Longer values come from a broken address. */
const SHOWN_CHARS = 24;

function refuse(name: string, value: string, allowed: readonly string[]): string {
  const shown = value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value;
  return `The page’s address asks for ${name}=${shown}. ${name} can be ${formatList(allowed, 'or')}; ${allowed[0]} is used.`;
}
