import { expect, it } from 'vitest';
import { codeOf, rejectionOf } from '../testing/error-of';
import { makeLargePng } from '../testing/large-picture';
import { checkPictureFile, checkPictureSize } from './check-picture-size';

it.each([
  [16_384, 8192, 'read'],
  [11_585, 11_585, 'read'],
  [11_586, 11_586, 'too-large'],
  [16_385, 1, 'too-large'],
  [1, 16_385, 'too-large'],
])('%i x %i pixels: %s', (width, height, code) => {
  expect(codeOf(() => checkPictureSize({ width, height }))).toBe(code);
});

it('reads the size from the header', async () => {
  const error = await rejectionOf(checkPictureFile(new Blob([makeLargePng(12_000, 12_000)])));
  expect([error.code, error.message]).toEqual(['too-large', expect.stringContaining('12000 x 12000')]);
  await checkPictureFile(new Blob([makeLargePng(12_000, 8000)]));
  await checkPictureFile(new Blob(['not a picture']));
});
