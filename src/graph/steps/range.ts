import type { Precision } from '../types';

/**
 * The divisor of the features between two normalisations in fp16.
 *
 * SDXL's decoder exceeds fp16's 65504 there. Everything between two normalisations is linear, so a factor that is
 * multiplied into the constants and undone before the statistics changes nothing else. A power of two costs no
 * accuracy, and this one leaves room for features up to 4e6. A larger value becomes infinite. Through the statistics
 * it turns every position of the picture into NaN, so it cannot go unnoticed.
 */
const HALF_RANGE_DIVISOR = 64;

export function divisor(precision: Precision): number {
  return precision === 'fp16' ? HALF_RANGE_DIVISOR : 1;
}
