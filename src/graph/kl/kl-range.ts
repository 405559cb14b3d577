import type { Precision } from '../types';

/**
 * What the features between two normalisations are divided by in fp16.
 *
 * SDXL's decoder exceeds fp16's 65504 there. Everything between two normalisations is linear, so a factor
 * multiplied into the constants and undone before the statistics changes nothing else. A power of two costs no
 * accuracy, and this one leaves room for features up to 4e6. What exceeds even that becomes infinite, and every
 * position of the picture NaN through the statistics: it cannot go unseen.
 */
const HALF_RANGE_DIVISOR = 64;

export function divisor(precision: Precision): number {
  return precision === 'fp16' ? HALF_RANGE_DIVISOR : 1;
}
