import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadReference } from './reference';

/** Canvases as far as a reference needs them: Node has none. Their pixels all have this alpha. */
let alpha: number;
const drawn: { width: number; height: number }[] = [];
/** What was painted beneath what is drawn: its colour and width. */
const beneath: [string, number][] = [];
const close = vi.fn();

class FakeCanvas {
  width = 0;
  height = 0;
  getContext() {
    return {
      globalCompositeOperation: 'source-over',
      fillStyle: 'black',
      fillRect(_x: number, _y: number, width: number) {
        if (this.globalCompositeOperation === 'destination-over') beneath.push([this.fillStyle, width]);
      },
      drawImage: (_image: unknown, _x: number, _y: number, width: number, height: number) => {
        drawn.push({ width, height });
      },
      getImageData: (_x: number, _y: number, width: number, height: number) => {
        return { data: new Uint8ClampedArray(4 * width * height).fill(alpha) };
      },
    };
  }
}

beforeEach(() => {
  alpha = 255;
  drawn.length = 0;
  beneath.length = 0;
  close.mockClear();
  vi.stubGlobal('document', { createElement: () => new FakeCanvas() });
  vi.stubGlobal('createImageBitmap', async () => ({ width: 6000, height: 4000, close }));
});

afterEach(() => vi.unstubAllGlobals());

it('of 24 megapixels is kept reduced, says its own size, and lets the decoded pixels go', async () => {
  const reference = await loadReference(new Blob(['a photograph']), 'Original', false);
  expect(reference).toMatchObject({ width: 6000, height: 4000, transparent: false });
  expect(reference.canvas.width).toBe(4096);
  expect(reference.canvas.height).toBe(2731);
  // The whole is never drawn, nor read back.
  expect(Math.max(...drawn.map(({ width, height }) => width * height))).toBeLessThan(12e6);
  expect(close).toHaveBeenCalledOnce();
  expect(beneath).toEqual([]);
});

it('says when some of it is transparent, and lays that on white, as the encoder does', async () => {
  alpha = 200;
  expect((await loadReference(new Blob(['a drawing']), 'Original', false)).transparent).toBe(true);
  expect(beneath).toEqual([['white', 4096]]);
});

it('is refused where the browser cannot show it', async () => {
  vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no picture')));
  await expect(loadReference(new Blob(['?']), 'truth.png', true)).rejects.toMatchObject({
    code: 'damaged-file',
  });
});
