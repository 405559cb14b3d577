export { ARCHITECTURES, type Architecture, buildGraph, type GraphOptions, overlapOf } from './architectures';
export { buildCheckGraph, CHECK, checkInput } from './check-graph';
export { enlargerFacts, ONNX_TENSOR } from './enlarger/onnx-enlarger';
export { beginsAsOnnx, type EnlargerFacts, readOnnxEnlarger } from './enlarger/read-onnx-enlarger';
export { buildKlAttention, type KlAttentionOptions } from './kl/kl-attention';
export { buildKlDecoder, buildKlEncoder, buildKlPiece, type KlPieceOptions } from './kl/kl-autoencoder';
export { KL_NORM, type KlStatistics } from './kl/kl-norm';
export { describeKlPiece, type KlPiece, type KlPieceShape, scaleAt } from './kl/kl-pieces';
export { type KlStep, type KlSteps, listKlSteps } from './kl/kl-steps';
export { buildLeapDecoder, buildLeapEncoder } from './leap/leap-autoencoder';
export { buildLua, type LuaOptions } from './lua/lua';
export { readLuaConfig } from './lua/lua-config';
export { type LoadedWeights, packWeights } from './onnx/pack-weights';
export { widenBfloat16 } from './onnx/widen-bfloat16';
export type { Overlap } from './overlap';
export {
  type RecognisedModel,
  recogniseCheckpoint,
  type TensorShape,
} from './recognise/recognise-checkpoint';
export { reflect } from './reflect';
export { buildEnlargement, enlargedLength, FILTER_REACH, type Filter } from './resample';
export {
  buildTaesdDecoder,
  buildTaesdEncoder,
  type TaesdOptions,
  type TaesdPiece,
} from './taesd/taesd';
export type * from './types';
