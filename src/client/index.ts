export { type ErrorCode, type ErrorDetail, LeapError } from '../errors';
export { FAMILIES } from '../latent/families';
export type { FamilyId, Guess, Latent, Provenance, ReadHints, Space } from '../latent/types';
export type { ModelKind, ModelPart, ModelStatus, ModelWish } from '../weights/types';
export { createUpscaler } from './create-upscaler';
export type * from './types';
