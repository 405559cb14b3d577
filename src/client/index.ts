export { type ErrorCode, type ErrorDetail, LeapError } from '../errors';
export type { LatentFormat, WriteOptions } from '../latent';
export { FAMILIES, type Family } from '../latent/families';
export { pictureSizeOf } from '../latent/shape/picture-size';
export {
  type BatchNorm,
  type Candidate,
  type FamilyId,
  type Guess,
  type Latent,
  type Layout,
  type Provenance,
  type ReadHints,
  type Space,
  SURE,
} from '../latent/types';
export type { ModelKind, ModelPart, ModelStatus, ModelWish } from '../weights/types';
export { createUpscaler } from './create-upscaler';
export type { CreateOptions, RuntimeOptions, TimeLimits } from './options/create-options';
export { createDecoderSession, type DecoderSession } from './session/decoder-session';
export type { DecoderSessionOptions, HostSession } from './session/session-options';
export { withLatentLeap } from './session/with-latent-leap';
export type * from './types';
