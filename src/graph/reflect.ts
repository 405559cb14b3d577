/**
 * The position that is seen at `index` of a row that continues by reflection, as numpy's 'reflect': the edge itself is
 * not repeated. A row shorter than what is asked for reflects again and again; a row of 1 repeats.
 *
 * @param index at least 0
 */
export function reflect(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const phase = index % period;
  return phase < length ? phase : period - phase;
}
