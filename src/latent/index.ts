/** Latents: what a tensor means. Families, recognising who wrote a file, model space, previews, writing back. */
export { GRAPH_KEYS, readComfyGraphs } from './comfy-graphs';
export { CONSUMERS, type Consumer } from './consumers';
export { FAMILIES, FAMILY_IDS, familiesWith, isFamilyId } from './families';
export { latentFromRaw } from './latent-from-raw';
export { patchAffines } from './model-space';
export { previewLatent } from './preview-latent';
export { readLatents } from './read-latents';
export { familyFromName } from './recognise/name-hints';
export { checkSides, familiesOf, readShape } from './shape/read-shape';
export type { Reading } from './shape/unpack';
export { LATENT_FORMATS, type LatentFormat, type WriteOptions, writeLatent } from './write-latent';
