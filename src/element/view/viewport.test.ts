import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canPan,
  clampViewport,
  type Frame,
  fitViewport,
  fitZoom,
  isLargerStacked,
  MAX_ZOOM,
  panBy,
  place,
  resizeViewport,
  zoomAt,
} from './viewport';

const frame: Frame = { pane: { width: 800, height: 600 }, picture: { width: 1024, height: 1024 }, ratio: 2 };

/** The picture position under a point of the pane, by the placement alone. */
function pictureAt(viewport: ReturnType<typeof fitViewport>, at: { x: number; y: number }, on: Frame) {
  const scale = viewport.zoom / on.ratio;
  return { x: viewport.x + at.x / scale, y: viewport.y + at.y / scale };
}

it('keeps the part of the picture that is seen when that comes in another size', () => {
  const before = { zoom: 1.5, x: 300, y: 100, fitted: false };
  const after = resizeViewport(before, { width: 400, height: 200 }, { width: 600, height: 300 });
  expect(after).toEqual({ zoom: 1, x: 450, y: 150, fitted: false });
});

describe('fitViewport', () => {
  it('shows the whole picture and touches the tighter side', () => {
    const large = { ...frame, picture: { width: 2048, height: 2048 } };
    const box = place(fitViewport(large), large);
    expect(box).toEqual({ left: 100, top: 0, width: 600, height: 600 });
  });

  it('fills a pane of a dense screen where it stands for an image, which is in CSS pixels', () => {
    const small = { ...frame, picture: { width: 400, height: 300 } };
    expect(fitZoom(small)).toBe(1);
    expect(fitZoom({ ...small, asImage: true })).toBe(2);
    expect(fitZoom({ ...frame, asImage: true })).toBeCloseTo(1200 / 1024);
  });

  it('never enlarges beyond one to one, but for small pictures, by a whole factor', () => {
    expect(fitZoom({ ...frame, picture: { width: 512, height: 512 } })).toBe(1);
    expect(fitZoom({ ...frame, picture: { width: 50, height: 65 } })).toBe(1);
    expect(fitZoom({ ...frame, picture: { width: 32, height: 40 } })).toBe(3);
    expect(fitZoom({ ...frame, picture: { width: 8, height: 8 } })).toBe(MAX_ZOOM);
    const narrow = { ...frame, pane: { width: 50, height: 300 } };
    expect(fitZoom({ ...narrow, picture: { width: 32, height: 32 } })).toBeCloseTo(100 / 32);
  });

  it('lets a small picture be seen one to one, too', () => {
    const small = { ...frame, picture: { width: 32, height: 32 } };
    const fitted = fitViewport(small);
    expect(zoomAt(fitted, 1 / fitted.zoom, { x: 0, y: 0 }, small).zoom).toBe(1);
    expect(zoomAt(fitted, 1e-3, { x: 0, y: 0 }, small).zoom).toBe(1);
  });
});

describe('zoomAt', () => {
  it('keeps the position under the pointer while the picture is larger than the pane', () => {
    const point = fc.record({
      x: fc.integer({ min: -200, max: 200 }),
      y: fc.integer({ min: -200, max: 200 }),
      factor: fc.double({ min: 1, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(point, ({ x, y, factor }) => {
        const before = { zoom: 4, x: 512, y: 512, fitted: false };
        const after = zoomAt(before, factor, { x, y }, frame);
        const was = pictureAt(before, { x, y }, frame);
        const is = pictureAt(after, { x, y }, frame);
        expect(is.x).toBeCloseTo(was.x, 6);
        expect(is.y).toBeCloseTo(was.y, 6);
      }),
    );
  });

  it('stops at 8x and where the whole picture is seen', () => {
    const far = zoomAt(fitViewport(frame), 1e9, { x: 0, y: 0 }, frame);
    const near = zoomAt(far, 1e-9, { x: 0, y: 0 }, frame);
    expect(far.zoom).toBe(MAX_ZOOM);
    expect(near.zoom).toBe(1);
  });
});

describe('isLargerStacked', () => {
  const stage = { width: 390, height: 370 };

  it.each([
    ['a square in a wide stage: beside each other', stage, { width: 1024, height: 1024 }, false],
    ['a wide picture in the same stage: stacked', stage, { width: 1024, height: 768 }, true],
    ['a tall stage: stacked', { width: 400, height: 800 }, { width: 1024, height: 1024 }, true],
    ['a tall picture in a wide stage', { width: 1400, height: 700 }, { width: 768, height: 1024 }, false],
  ])('%s', (_what, pane, picture, stacked) => {
    expect(isLargerStacked(pane, picture)).toBe(stacked);
  });
});

describe('panBy', () => {
  it('moves by whole picture pixels at one to one and stops at the edge', () => {
    const viewport = clampViewport({ zoom: 8, x: 512, y: 512, fitted: false }, frame);
    expect(panBy(viewport, 8, 0, frame).x).toBe(510);
    expect(panBy(viewport, 1e6, 0, frame).x).toBe(100);
  });

  it('centres what fits', () => {
    expect(panBy(fitViewport(frame), 50, 50, frame)).toMatchObject({ x: 512, y: 512 });
    expect(canPan(fitViewport(frame), frame)).toBe(false);
    expect(canPan({ ...fitViewport(frame), zoom: 2 }, frame)).toBe(true);
  });
});
