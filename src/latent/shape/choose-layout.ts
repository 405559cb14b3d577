import type { Reading } from './unpack';

/** Rows that are compared. */
const MAX_ROWS = 2048;
/**
 * Tokens of 2x2 patches hold the same channel in four neighbours, then another: at every fourth step values jump by as
 * much as unrelated channels do. Along the row of a picture all steps are alike.
 */
const JUMP = 1.5;

/** Whether the last axis holds the channels of 2x2 patches, not the positions of a row. */
function looksPacked(data: Float32Array, rowLength: number): boolean {
  const rows = Math.floor(data.length / rowLength);
  const step = Math.max(1, Math.floor(rows / MAX_ROWS));
  let [within, between] = [0, 0];
  let [countWithin, countBetween] = [0, 0];
  for (let row = 0; row < rows; row += step) {
    for (let at = 1; at < rowLength; at++) {
      const change = (data[row * rowLength + at]! - data[row * rowLength + at - 1]!) ** 2;
      if (at % 4 === 0) {
        between += change;
        countBetween++;
      } else {
        within += change;
        countWithin++;
      }
    }
  }
  return countBetween > 0 && between / countBetween > JUMP * (within / countWithin);
}

/** The readings, a batch of tokens first where the values speak for it. */
export function orderLayouts(readings: Reading[], data: Float32Array, shape: readonly number[]): Reading[] {
  const packed = readings.filter(({ layout }) => layout === 'packed');
  const others = readings.filter(({ layout }) => layout !== 'packed');
  if (packed.length === 0 || others.length === 0) return readings;
  return looksPacked(data, shape.at(-1)!) ? [...packed, ...others] : readings;
}
