/** Latents: what a tensor means. Families, recognising who wrote a file, model space, previews, writing back. */
export type { Consumer } from './consumers';
export { FAMILIES, FAMILY_IDS, familiesWith, isFamilyId } from './families';
export { latentFromRaw } from './latent-from-raw';
export { previewLatent } from './preview-latent';
export { readLatents } from './read-latents';
export { type LatentFormat, type WriteOptions, writeLatent } from './write-latent';
