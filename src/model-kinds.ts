/** What people call each kind of model. `lua` is any latent upscaler, whoever made it. */
export const KIND_NAMES = {
  lua: 'latent upscaler',
  decoder: 'decoder',
  encoder: 'encoder',
  enlarger: 'pixel upscaler',
} as const;

export type ModelKind = keyof typeof KIND_NAMES;

/** With its article: 'a decoder'. */
export function nameKind(kind: ModelKind): string {
  const name = KIND_NAMES[kind];
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
