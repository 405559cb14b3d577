import { looksLikeZip } from '../zip/zip-directory';
import { looksLikeLegacyTorch } from './torch-legacy';

/** First bytes that {@link beginsAsTorch} needs. */
export const TORCH_HEAD_BYTES = 24;

/** Whether a weights file with these first bytes is one of torch.save (an archive, or before 1.6), not safetensors. */
export function beginsAsTorch(head: Uint8Array): boolean {
  return looksLikeZip(head) || looksLikeLegacyTorch(head);
}
