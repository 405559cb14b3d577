import type { Method } from '../../client';

/** What the methods are called on pictures, where nothing else was chosen for them. */
export const METHOD_LABELS: Readonly<Record<Method, string>> = {
  bicubic: 'Bicubic',
  lua: 'LUA',
  pixels: 'Decoded, then Lanczos',
};
