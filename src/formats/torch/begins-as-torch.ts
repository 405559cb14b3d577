import { looksLikeLegacyTorch } from './torch-legacy';

/** First bytes that {@link beginsAsTorch} needs. */
export const TORCH_HEAD_BYTES = 24;

/** Whether a weights file with these first bytes is one of torch.save (an archive, or before 1.6), not safetensors. */
export function beginsAsTorch(head: Uint8Array): boolean {
  // Any archive, an empty one too: its reader then says what is wrong with it.
  return (head[0] === 0x50 && head[1] === 0x4b) || looksLikeLegacyTorch(head);
}
