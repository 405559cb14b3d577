import { klShapes, narrowKl } from './kl-shapes';
import {
  leapDecoderShapes,
  leapEncoderShapes,
  luaShapes,
  type Shapes,
  SMALL_LUA,
  taesdShapes,
} from './network-shapes';
import { lsrShapes, nnLatentUpscaleShapes, sdLatentUpscalerShapes } from './upscaler-shapes';

/** The tensors of a small network of each kind, as its files name them. */
export const SMALL_NETWORKS = {
  lua: luaShapes(SMALL_LUA),
  swinIr: luaShapes({ ...SMALL_LUA, upsampler: 'pixelshuffle', scales: [4] }),
  lightSwinIr: luaShapes({ ...SMALL_LUA, upsampler: 'pixelshuffledirect', scales: [2] }),
  taesdDecoder: taesdShapes('decoder', 4, false),
  taesdEncoder: taesdShapes('encoder', 16, false),
  taef2Decoder: taesdShapes('decoder', 32, true),
  vae: klShapes(narrowKl()),
  flux2Vae: klShapes(narrowKl({ channels: 32, batchNorm: true })),
  decoder: leapDecoderShapes({ channels: 16 }),
  tonedDecoder: leapDecoderShapes({ channels: 32, toned: true }),
  encoder: leapEncoderShapes({ channels: 4, widths: [8, 8, 8], blocks: [1, 1, 1] }),
  tonedEncoder: leapEncoderShapes({ channels: 32, widths: [8, 8, 8], blocks: [1, 1, 1], toned: true }),
  nnLatentUpscale: nnLatentUpscaleShapes({ width: 32, blocks: 2 }),
  sdLatentUpscaler: sdLatentUpscalerShapes({ width: 8 }),
  lsr: lsrShapes({ width: 12, depths: [2], heads: 2, features: 8, hidden: 16 }),
} satisfies Record<string, Shapes>;

/** What the header of a file with these tensors says. */
export function tensorsOf(shapes: Shapes): { name: string; shape: number[]; dtype: 'F32' }[] {
  return Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'F32' }));
}
