export {
  ARCHITECTURES,
  type Architecture,
  buildGraph,
  type GraphOptions,
  overlapOf,
  stepsOf,
} from './architectures';
export { buildCheckGraph, CHECK, checkInput } from './check-graph';
export { enlargerFacts, ONNX_TENSOR } from './enlarger/onnx-enlarger';
export { beginsAsOnnx, type EnlargerFacts, readOnnxEnlarger } from './enlarger/read-onnx-enlarger';
export { buildKlDecoder, buildKlEncoder } from './kl/kl-autoencoder';
export { listKlSteps } from './kl/kl-steps';
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
export { attentionOf, buildAttentionPart } from './steps/attention';
export { buildPiece } from './steps/build-steps';
export type { Statistics } from './steps/norm';
export { countWork, describePiece, scaleAt, sizeAt } from './steps/piece';
export type { Piece, Step, StepList } from './steps/step-list';
export { buildTaesdDecoder, buildTaesdEncoder, type TaesdOptions } from './taesd/taesd';
export type * from './types';
