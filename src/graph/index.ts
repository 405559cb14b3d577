export { buildBicubic } from './bicubic';
export { buildGraph, type GraphOptions } from './build-graph';
export { buildCheckGraph, CHECK, checkInput } from './check-graph';
export { decoderHalo } from './halo';
export { buildKlAttention, type KlAttentionOptions } from './kl-attention';
export { buildKlDecoder, buildKlEncoder, buildKlPiece, type KlPieceOptions } from './kl-autoencoder';
export { KL_NORM, type KlStatistics } from './kl-norm';
export { describeKlPiece, type KlPiece, type KlPieceShape, scaleAt } from './kl-pieces';
export { type KlStep, type KlSteps, listKlSteps } from './kl-steps';
export { buildLeapDecoder, buildLeapEncoder } from './leap-autoencoder';
export { buildLua, type LuaOptions } from './lua';
export { readLuaConfig } from './lua-config';
export { type LoadedWeights, packWeights } from './pack-weights';
export { recogniseCheckpoint, type TensorShape } from './recognise-checkpoint';
export type { RecognisedModel } from './recognised-model';
export {
  type AutoencoderOptions,
  buildTaesdDecoder,
  buildTaesdEncoder,
  type TaesdOptions,
  type TaesdPiece,
} from './taesd';
export type * from './types';
export { widenBfloat16 } from './widen-bfloat16';
