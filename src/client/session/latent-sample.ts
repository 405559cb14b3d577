import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { FAMILIES } from '../../latent';
import type { ReadHints } from '../../latent/types';
import type { HostTensor } from '../types';
import type { DecoderSessionOptions } from './session-options';

/** @throws LeapError `bad-option` */
export function pickLatent<T extends HostTensor>(feeds: Record<string, T>): T {
  const names = Object.keys(feeds ?? {});
  const tensor = feeds?.latent_sample ?? (names.length === 1 ? feeds[names[0]!] : undefined);
  if (tensor) return checkTensor(tensor);
  const found = names.length > 0 ? `the feeds ${names.join(', ')}` : 'nothing';
  const what =
    'latent_sample' in (feeds ?? {})
      ? 'The feed latent_sample has no tensor.'
      : `Expected the feed latent_sample, not ${found}.`;
  throw new LeapError('bad-option', what);
}

/** @throws LeapError `bad-option` for values without a shape, and for what is not a tensor */
function checkTensor<T extends HostTensor>(tensor: T): T {
  if (Array.isArray(tensor.dims) || ArrayBuffer.isView(tensor.dims)) return tensor;
  const lack = ArrayBuffer.isView(tensor) ? ', not bare values, which do not say their shape' : '';
  throw new LeapError(
    'bad-option',
    `Expected latent_sample as a tensor with dims and data, such as onnxruntime's${lack}.`,
  );
}

/** The batch: the first of four axes, or of packed [B, N, 4C]. */
export function itemsOf(tensor: HostTensor, hints: ReadHints): number {
  const { length } = tensor.dims;
  return length === 4 || (length === 3 && !isUnpacked(tensor, hints)) ? Number(tensor.dims[0]) : 1;
}

/** [C, h, w] or [B, C, h, w], and no 2x2 patches. */
function isUnpacked({ dims }: HostTensor, { family, layout = 'unpacked' }: ReadHints): boolean {
  const { length } = dims;
  return layout === 'unpacked' && length >= 3 && dims[length - 3] === FAMILIES[family!].channels;
}

/** Tokens [N, 4C] or [B, N, 4C], with more axes of one before them, or [B, 4C, h/2, w/2], where the family has such. */
function isPatches({ dims }: HostTensor, { family, layout }: ReadHints): boolean {
  if (layout) return layout !== 'unpacked';
  const { channels, patches } = FAMILIES[family!];
  const sizes = Array.from(dims, Number);
  const isRow = sizes.length <= 3 || sizes.slice(0, -2).every((size) => size === 1);
  const isPacked = patches.includes('packed') && isRow && sizes.at(-1) === 4 * channels;
  return isPacked || (patches.includes('patchified') && sizes.at(-3) === 4 * channels);
}

/**
 * Taken for those of the other space, patches give a picture that is wrong, but not obviously. What is no latent of the
 * family at all, reading it refuses.
 * @throws LeapError `bad-option`
 */
export function checkSpace(tensor: HostTensor, { space, family, layout }: DecoderSessionOptions): void {
  const hints = defined({ family, layout });
  if (space || isUnpacked(tensor, hints) || !isPatches(tensor, hints)) return;
  throw new LeapError(
    'bad-option',
    `latent_sample has the shape [${Array.from(tensor.dims)}] of 2x2 patches. Generators keep such normalised, as the denoiser gives them ` +
      "(space: 'model'), or bring them to what the decoder takes (space: 'decoder'). Say which by the option space.",
  );
}
