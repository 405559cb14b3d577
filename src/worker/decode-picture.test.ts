import { decode } from 'fast-png';
import { afterEach, expect, test, vi } from 'vitest';
import { makeLargePng } from '../testing/large-picture';
import { decodePicture } from './decode-picture';

afterEach(() => void vi.unstubAllGlobals());

test('refuses a picture that is too large before it is decoded', async () => {
  const decoder = vi.fn();
  vi.stubGlobal('createImageBitmap', decoder);
  const file = makeLargePng(20_000, 16_385);
  expect(file.length).toBeLessThan(50_000);
  await expect(decodePicture(new Blob([file]))).rejects.toMatchObject({
    code: 'too-large',
    detail: { width: 20_000, height: 16_385 },
  });
  expect(decoder).not.toHaveBeenCalled();
});

test('the large pictures of the tests are pictures', () => {
  const { width, height, depth } = decode(makeLargePng(40, 24), { checkCrc: true });
  expect([width, height, depth]).toEqual([40, 24, 1]);
});
