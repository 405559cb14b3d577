/** Larger denominators would ask for tiles on multiples of more positions than a tile has. */
const LARGEST_DENOMINATOR = 20;

/** The least whole number that makes the scale whole; undefined where it would be larger than 20. */
export function denominatorOf(scale: number): number | undefined {
  for (let denominator = 1; denominator <= LARGEST_DENOMINATOR; denominator++) {
    if (isWhole(scale * denominator)) return denominator;
  }
  return undefined;
}

/** By which anything is enlarged at most. */
export const LARGEST_FACTOR = 4;

/** By which upscalers of pictures enlarge, those that can be used here. */
export const ENLARGER_FACTORS: readonly number[] = [2, 3, 4];

/** The same, for messages. */
export const ENLARGER_FACTORS_TAKEN = `${ENLARGER_FACTORS.slice(0, -1).join(', ')} or ${ENLARGER_FACTORS.at(-1)}`;

/** Where nothing is said. */
export const DEFAULT_FACTOR = 2;

/** What `isFactor` takes, for messages. */
export const FACTORS_TAKEN = `a number from 1 to ${LARGEST_FACTOR}, whole or with a denominator up to ${LARGEST_DENOMINATOR}, such as 2 or 1.5`;

/** Whether the engine takes this factor: 1 to 4, so that some size that tiles have stays whole. */
export function isFactor(value: unknown): value is number {
  return (
    typeof value === 'number' && value >= 1 && value <= LARGEST_FACTOR && denominatorOf(value) !== undefined
  );
}

/** Up to what 1.1 x 10 is off. */
export function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9 * Math.max(1, value);
}

/** What a model's entry says of the factors that it has. */
interface Offered {
  scales?: readonly number[];
  /** Any factor above the first and up to the second. */
  scaleRange?: readonly [number, number];
}

/** Whether a latent or picture upscaler enlarges by this factor. */
export function offersScale({ scales, scaleRange }: Offered, scale: number): boolean {
  if (scales?.includes(scale)) return true;
  return scaleRange !== undefined && scale > scaleRange[0] && scale <= scaleRange[1];
}
