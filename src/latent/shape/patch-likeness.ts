/** Tokens that are compared. */
const MAX_TOKENS = 4096;
/** Positions of a 2x2 patch, which stand side by side in a token. */
const PATCH = 4;

/**
 * How much the four values of a channel in a token are alike: their mean correlation, -1..1. In a picture they are of
 * neighbouring positions, and above 0.5; under noise as strong as the picture itself they are about 0.3. Where a token
 * holds the channels of one position, it is near 0.
 * @param data [tokens, size], size a multiple of 4
 */
export function measurePatchLikeness(data: Float32Array, size: number): number {
  const tokens = Math.floor(data.length / size);
  const step = Math.max(1, Math.floor(tokens / MAX_TOKENS));
  let [sum, pairs] = [0, 0];
  for (let first = 0; first < size; first += PATCH)
    for (let a = first; a < first + PATCH; a++)
      for (let b = first; b < a; b++) {
        sum += correlate(data, size, a, b, step);
        pairs++;
      }
  return sum / pairs;
}

/** The correlation of two columns; 0 where one of them does not change. */
function correlate(data: Float32Array, size: number, a: number, b: number, step: number): number {
  let [count, sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row + size <= data.length; row += size * step) {
    const [x, y] = [data[row + a]!, data[row + b]!];
    count++;
    sumA += x;
    sumB += y;
    squareA += x * x;
    squareB += y * y;
    product += x * y;
  }
  const varianceA = squareA - sumA ** 2 / count;
  const varianceB = squareB - sumB ** 2 / count;
  const power = Math.sqrt(Math.max(0, varianceA) * Math.max(0, varianceB));
  return power > 0 ? (product - (sumA * sumB) / count) / power : 0;
}
