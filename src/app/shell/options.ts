import type { CreateOptions } from '../../client';

/** The options that the page's address may set. */
export interface PageOptions {
  backend: NonNullable<CreateOptions['backend']>;
  precision: NonNullable<CreateOptions['precision']>;
  scale: 2 | 4;
}

/** Reads `?backend=wasm&precision=fp32&scale=4`; anything else in the address is ignored. */
export function readPageOptions(search: string): PageOptions {
  const query = new URLSearchParams(search);
  return {
    backend: oneOf(query.get('backend'), ['auto', 'webgpu', 'wasm']),
    precision: oneOf(query.get('precision'), ['auto', 'fp16', 'fp32']),
    scale: query.get('scale') === '4' ? 4 : 2,
  };
}

/** @returns `value` when it is one of `choices`, else the first of them. */
function oneOf<T extends string>(value: string | null, choices: readonly [T, ...T[]]): T {
  return choices.find((choice) => choice === value) ?? choices[0];
}
