import { expect, it, vi } from 'vitest';
import { decide } from './decide';
import { measure } from './statistics';

// As of a family whose row is new: nobody has fitted its values yet.
vi.mock('../fitted/channel-statistics.json', async (load) => {
  const { default: fitted } = await load<{ default: { families: Record<string, unknown> } }>();
  const { sd3: _, ...families } = fitted.families;
  return { default: { ...fitted, families } };
});

/** Independent channels of about unit variance: fully plausible for what is white. */
const white = Float32Array.from({ length: 16 * 1024 }, (_, at) => 1.7 * Math.sin(at * at * 0.37 + at));
const moments = measure(white, 16);

it.each([0.5, 0.8])('a family without statistics is not doubted when it is stated with %f', (confidence) => {
  const family = { value: 'sd3' as const, confidence, reason: 'Its name says so.' };
  const decision = decide(['sd3', 'flux1'], { family }, moments, 'unpacked', {});
  expect(decision.family).toBe('sd3');
  expect(decision.guesses[0]).toMatchObject({ confidence, reason: 'Its name says so.' });
});

it('a stated family with statistics is compared all the same', () => {
  const family = { value: 'flux1' as const, confidence: 0.8, reason: 'Its name says so.' };
  const [guess] = decide(['sd3', 'flux1'], { family }, moments, 'unpacked', {}).guesses;
  expect(guess?.reason).toContain('But the values are more like those of');
});

it('alone in its shape, it is not said to have unlikely values', () => {
  const [guess] = decide(['sd3'], {}, moments, 'unpacked', {}).guesses;
  expect(guess?.reason).toBe('Only SD 3 has this shape, of the families that are read here.');
});
