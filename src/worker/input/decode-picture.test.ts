import { decode } from 'fast-png';
import { afterEach, expect, test, vi } from 'vitest';
import { makeLargePng } from '../../testing/large-picture';
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

test('lays the pixels of a canvas on white, as those of a file', async () => {
  const drawn: unknown[] = [];
  const rgba = new Uint8ClampedArray(2 * 3 * 4).fill(7);
  const context = {
    fillRect: () => drawn.push('white'),
    drawImage: (image: unknown) => drawn.push(image),
    getImageData: () => ({ data: rgba }),
  };
  const bitmap = { width: 2, height: 3, close: () => drawn.push('closed') };
  const decoder = vi.fn(async (_: unknown) => bitmap);
  vi.stubGlobal('createImageBitmap', decoder);
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext = () => context;
    },
  );
  const pixels = { width: 2, height: 3, data: rgba.slice() } as unknown as ImageData;
  expect(await decodePicture(pixels)).toEqual({ width: 2, height: 3, rgba });
  expect(decoder.mock.calls[0]![0]).toBe(pixels);
  expect(drawn).toEqual(['white', bitmap, 'closed']);
  const large = { width: 20_000, height: 16_385 } as ImageData;
  await expect(decodePicture(large)).rejects.toMatchObject({ code: 'too-large' });
});

test('the large pictures of the tests are pictures', () => {
  const { width, height, depth } = decode(makeLargePng(40, 24), { checkCrc: true });
  expect([width, height, depth]).toEqual([40, 24, 1]);
});
