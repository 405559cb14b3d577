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
export { beginsAsOnnx, readOnnxEnlarger } from './enlarger/read-onnx-enlarger';
export { buildKlDecoder, buildKlEncoder } from './kl/kl-autoencoder';
export { listKlSteps } from './kl/kl-steps';
export { buildLeapDecoder } from './leap/leap-autoencoder';
export { buildLua } from './lua/lua';
export { readLuaConfig } from './lua/lua-config';
export { type LoadedWeights, packWeights } from './onnx/pack-weights';
export { widenBfloat16 } from './onnx/widen-bfloat16';
export type { Overlap } from './overlap';
export {
  type RecognisedModel,
  recogniseCheckpoint,
} from './recognise/recognise-checkpoint';
export { reflect } from './reflect';
export { buildEnlargement, FILTER_REACH, type Filter } from './resample';
export { attentionOf, buildAttentionPart } from './steps/attention';
export { buildPiece } from './steps/build-steps';
export type { Statistics } from './steps/norm';
export { countWork, describePiece, scaleAt, sizeAt } from './steps/piece';
export type { Piece, StepList } from './steps/step-list';
export { buildTaesdDecoder, buildTaesdEncoder } from './taesd/taesd';
export type * from './types';
