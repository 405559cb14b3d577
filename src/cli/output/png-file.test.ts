import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PngFile } from './png-file';

const [WIDTH, HEIGHT, ROWS] = [512, 2 ** 16, 64];

it('ends at the first rows that the disk does not take, not after the whole picture', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'png-file-'));
  const file = new PngFile(join(folder, 'missing', 'picture.png'), WIDTH, HEIGHT);
  let y = 0;
  const fill = async () => {
    for (; y < HEIGHT; y += ROWS) {
      const noise = crypto.getRandomValues(new Uint8Array(WIDTH * ROWS * 4).subarray(0, 2 ** 16));
      const rgba = new Uint8ClampedArray(WIDTH * ROWS * 4);
      rgba.set(noise);
      await file.put(0, y, WIDTH, ROWS, rgba);
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: 'ENOENT' });
  expect(y).toBeLessThan(HEIGHT / 2);
  await file.discard();
  await rm(folder, { recursive: true });
});
