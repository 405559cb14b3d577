/** Latents: what a tensor means. Families, recognising who wrote a file, model space, previews, writing back. */
export { GRAPH_KEYS, readComfyGraphs } from './comfy-graphs';
export { FAMILIES, FAMILY_IDS } from './families';
export { latentFromRaw } from './latent-from-raw';
export { makeProvenance } from './make-provenance';
export { patchAffines } from './model-space';
export { CONSUMERS } from './output/consumers';
export { LATENT_OUTPUTS, type LatentOutput } from './output/latent-outputs';
export { writeLatent } from './output/write-latent';
export { LATENT_FORMATS, type LatentFormat, type WriteOptions } from './output/write-options';
export { previewLatent } from './preview-latent';
export { readLatents } from './read-latents';
export { familyFromName } from './recognise/name-hints';
export { checkSides, readShape } from './shape/read-shape';
