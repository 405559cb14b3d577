export { type ErrorCode, type ErrorDetail, LeapError } from '../../errors';
export {
  type ErrorMessage,
  MAX_OPEN_BYTES,
  type OpenedPicture,
  type OpenMessage,
  PROTOCOL_VERSION,
  type ReadyMessage,
  type ResultMessage,
} from './messages';
export { type OpenOptions, openInLatentLeap } from './open-in-latent-leap';
