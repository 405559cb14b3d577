import { LeapError } from '../../errors';
import { denominatorOf, FACTORS_TAKEN, isFactor, isWhole, LARGEST_FACTOR } from '../../factor';
import { FAMILIES } from '../../latent';
import type { Latent } from '../../latent/types';
import { METHODS, type Method } from '../../methods';
import type { EngineUpscaleOptions } from '../api';
import type { WayOptions } from '../types';

/** Those of factors that have at most four decimals. */
const DENOMINATORS = [1, 2, 4, 5, 8, 10, 16, 20];

/**
 * Refuses what no backend could compute, before any is blamed for it.
 * @throws LeapError `not-a-latent`, `bad-option`
 */
export function checkRequest(latent: Latent, options: EngineUpscaleOptions): void {
  checkShape(latent);
  if (!options.openSource) checkValues(latent);
  checkScale(latent, options);
}

/** @throws LeapError `bad-option` */
export function checkScale(latent: Pick<Latent, 'family' | 'dims'>, options: WayOptions): void {
  const { scale, method, passes = 1, tile } = options;
  if (!METHODS.includes(method)) {
    throw bad(`The method must be ${METHODS.join(' or ')}, not ${method}.`);
  }
  checkSides(latent, scale, method);
  if (passes !== 1 && passes !== 2) throw bad(`The upscaler can be run once or twice, not ${passes} times.`);
  if (passes === 2) checkTwice(scale, method);
  if (tile !== undefined && !(Number.isInteger(tile) && tile > 0)) {
    throw bad(`The tile edge must be a whole number above 0, not ${tile}.`);
  }
}

/** A step that is a fraction keeps the sides whole where the scale, its square, does. */
function checkTwice(scale: number, method: Method): void {
  if (method !== 'lua')
    throw bad('Only the method lua is run twice: the others enlarge by any scale at once.');
  const step = Math.sqrt(scale);
  if (denominatorOf(step)) return;
  throw bad(
    `Each of two passes enlarges by the square root of the scale, which is ${step.toFixed(4)}... for ${scale}. ` +
      'Expected: a scale such as 4 (twice 2) or 2.25 (twice 1.5), or one pass.',
  );
}

function checkSides({ family, dims }: Pick<Latent, 'family' | 'dims'>, scale: number, method: Method): void {
  if (!isFactor(scale)) {
    throw bad(`The scale must be ${FACTORS_TAKEN}, not ${scale}.`);
  }
  const unit = method === 'pixels' ? FAMILIES[family].stride : 1;
  const [height, width] = [dims[1] * unit, dims[2] * unit];
  if (isWhole(height * scale) && isWhole(width * scale)) return;
  const what = method === 'pixels' ? 'picture' : 'latent';
  throw new LeapError(
    'bad-option',
    `A ${what} of ${width} x ${height} enlarged ${scale} times would have sides that are not whole numbers. ` +
      `The nearest factors that work: ${nearestFactors(width, height, scale).join(' and ')}.`,
    { scale, width, height },
  );
}

/** The next smaller and the next larger factor that keep both sides whole, of those that can be typed exactly. */
function nearestFactors(width: number, height: number, scale: number): number[] {
  const works = (factor: number) => isWhole(width * factor) && isWhole(height * factor);
  const factors = DENOMINATORS.flatMap((denominator) => [
    Math.floor(scale * denominator) / denominator,
    Math.ceil(scale * denominator) / denominator,
  ]).filter((factor) => works(factor) && factor >= 1 && factor <= LARGEST_FACTOR);
  const below = factors.filter((factor) => factor < scale);
  const above = factors.filter((factor) => factor > scale);
  return [...below.sort((a, b) => b - a).slice(0, 1), ...above.sort((a, b) => a - b).slice(0, 1)];
}

function bad(message: string): LeapError {
  return new LeapError('bad-option', message);
}

/** @throws LeapError `bad-option`, `not-a-latent` */
export function checkShape({ family, dims }: Pick<Latent, 'family' | 'dims'>): void {
  const known = FAMILIES[family];
  if (!known) throw new LeapError('bad-option', `There is no family ${family}.`, { family });
  const [channels] = dims;
  const whole = dims.length === 3 && dims.every((size) => Number.isInteger(size) && size > 0);
  if (!whole || channels !== known.channels) {
    const message = `A latent of ${known.label} has ${known.channels} channels and two sides, not [${dims}].`;
    throw new LeapError('not-a-latent', message, { family, dims });
  }
}

function describeData(data: unknown): string {
  if (data instanceof Float32Array) return String(data.length);
  return data instanceof Object ? `a ${data.constructor.name}` : String(data);
}

function checkValues({ dims, data }: Latent): void {
  const [channels, height, width] = dims;
  if (!(data instanceof Float32Array) || data.length !== channels * height * width) {
    const message = `Expected ${channels * height * width} float32 values for a latent [${dims}], got ${describeData(data)}.`;
    throw new LeapError('not-a-latent', message, { dims, length: data?.length });
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new LeapError('not-a-latent', `The latent holds ${data[at]} at index ${at}.`, { at });
  }
}
