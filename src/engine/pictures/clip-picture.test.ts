import { describe, expect, it } from 'vitest';
import { clipPicture } from './clip-picture';

describe('clipPicture', () => {
  it.each([
    ['whole', 8],
    ['cut off', 5],
  ])('hands on what to wait for, and that the picture is discarded, with tiles %s', async (_, width) => {
    const done: string[] = [];
    const put = async () => {
      await new Promise((resolve) => setTimeout(resolve));
      done.push('put');
    };
    const clipped = clipPicture({ put, discard: () => void done.push('discard') }, width, 8);
    await clipped.put(0, 0, 8, 8, new Uint8ClampedArray(8 * 8 * 4));
    await clipped.discard?.();
    expect(done).toEqual(['put', 'discard']);
  });
});
