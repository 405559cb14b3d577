import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { PngPicture } from './png-picture';

/** Irregular values with structure: each byte of a row depends on its neighbours, as in photographs. */
function colour(x: number, y: number): [number, number, number] {
  return [(x * 3 + y) & 255, (x ^ y) & 255, Math.round(127 + 120 * Math.sin(x / 5 + y / 9))];
}

function tile(x: number, y: number, width: number, height: number): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set([...colour(x + (i % width), y + Math.floor(i / width)), 255], i * 4);
  }
  return rgba;
}

async function write(width: number, height: number, tiles: [number, number, number, number][]) {
  const parts: Uint8Array[] = [];
  const picture = new PngPicture(width, height, (bytes) => void parts.push(bytes));
  for (const [x, y, w, h] of tiles) picture.put(x, y, w, h, tile(x, y, w, h));
  await picture.finish();
  return Buffer.concat(parts);
}

function expectPicture(png: Uint8Array, width: number, height: number): void {
  const decoded = decode(png, { checkCrc: true });
  expect([decoded.width, decoded.height, decoded.channels]).toEqual([width, height, 3]);
  const expected = tile(0, 0, width, height).filter((_, i) => i % 4 !== 3);
  expect(Buffer.from(decoded.data.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
}

describe('PngPicture', () => {
  it('writes one tile that another decoder reads back exactly', async () => {
    expectPicture(await write(24, 16, [[0, 0, 24, 16]]), 24, 16);
  });

  it('accepts tiles in any order, and some of them twice', async () => {
    const tiles: [number, number, number, number][] = [
      [16, 16, 24, 24],
      [0, 0, 16, 16],
      [0, 0, 16, 16],
      [16, 0, 24, 16],
      [8, 8, 16, 16],
      [0, 16, 16, 24],
    ];
    expectPicture(await write(40, 40, tiles), 40, 40);
  });

  it('accepts tiles with edges anywhere, as enlargers of pictures make them', async () => {
    const [columns, rows] = [
      [0, 11, 25, 37],
      [0, 3, 4, 17, 29],
    ];
    const tiles: [number, number, number, number][] = [];
    for (let i = 1; i < rows.length; i++) {
      for (let j = 1; j < columns.length; j++) {
        // Each begins a pixel before its own place, where there is one.
        const [x, y] = [Math.max(0, columns[j - 1]! - 1), Math.max(0, rows[i - 1]! - 1)];
        tiles.push([x, y, columns[j]! - x, rows[i]! - y]);
      }
    }
    expectPicture(await write(37, 29, tiles.toReversed()), 37, 29);
  });

  it('refuses to finish a picture that its tiles do not cover', async () => {
    const tiles: [number, number, number, number][] = [
      [0, 0, 24, 13],
      [0, 13, 23, 11],
    ];
    await expect(write(24, 24, tiles)).rejects.toThrow('rows from 8 to 24 are not complete');
  });

  it('accepts sizes that are not multiples of 8, and cuts tiles off at the edges', async () => {
    const tiles: [number, number, number, number][] = [
      [0, 0, 16, 16],
      [16, 0, 5, 16],
      [0, 16, 16, 3],
      [16, 16, 5, 3],
    ];
    expectPicture(await write(21, 19, tiles), 21, 19);
  });

  it('makes the caller wait when rows come faster than they are compressed', async () => {
    let emitted = 0;
    const [width, height] = [2048, 4096];
    const picture = new PngPicture(width, height, (part) => {
      emitted += part.length;
    });
    // Noise does not get smaller, so the bytes that are emitted tell how much was compressed.
    const noise = new Uint8ClampedArray(width * 256 * 4);
    for (let i = 0; i < noise.length; i += 2 ** 16) crypto.getRandomValues(noise.subarray(i, i + 2 ** 16));
    let behind = 0;
    for (let y = 0; y < height; y += 256) {
      await picture.put(0, y, width, 256, noise);
      behind = Math.max(behind, (y + 256) * width * 3 - emitted);
    }
    expect(behind).toBeLessThan(10 * 2 ** 20);
    await picture.finish();
  });

  it('waits for what takes its bytes, and does not compress ahead of it', async () => {
    const [width, height] = [2048, 4096];
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let taken = 0;
    const picture = new PngPicture(width, height, (part) => {
      taken += part.length;
      return part.length > 100 ? gate : undefined;
    });
    const noise = new Uint8ClampedArray(width * 256 * 4);
    for (let i = 0; i < noise.length; i += 2 ** 16) crypto.getRandomValues(noise.subarray(i, i + 2 ** 16));
    let waiting: Promise<void> | undefined;
    let y = 0;
    for (; y < height && !waiting; y += 256) waiting = picture.put(0, y, width, 256, noise);
    const early = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))]);
    expect(early).toBe('waits');
    expect(taken).toBeLessThan(2 ** 20);
    open();
    for (; y < height; y += 256) await picture.put(0, y, width, 256, noise);
    await picture.finish();
  });

  it('says why its bytes are not taken, and does not hang', async () => {
    const picture = new PngPicture(512, 4096, (part) => {
      if (part.length > 100) throw new Error('the disk is full');
    });
    const fill = async () => {
      for (let y = 0; y < 4096; y += 256) {
        await picture.put(0, y, 512, 256, tile(0, y, 512, 256));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await expect(fill()).rejects.toThrow('the disk is full');
    await expect(picture.finish()).rejects.toThrow();
  });

  it('frees rows as soon as they are complete', async () => {
    let bytes = 0;
    const picture = new PngPicture(2048, 1024, (part) => {
      bytes += part.length;
    });
    for (let y = 0; y < 512; y += 8) picture.put(0, y, 2048, 8, tile(0, y, 2048, 8));
    await expect.poll(() => bytes).toBeGreaterThan(100_000);
  });
});
