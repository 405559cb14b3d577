import type { ModelKind } from '../types';

/** Whether its floats stay as they are: LUA's authors recommend float32, and latent upscalers are small. */
export function isExact({ kind }: { kind: ModelKind }): boolean {
  return kind === 'lua';
}
