import type { Page } from '@playwright/test';
import { decode } from 'fast-png';
import { expect, makeLatentFile, openWith, pane, readPicture, test } from '../support/page-test';

/** A screen with two device pixels per CSS pixel: 100 % is of its own pixels. */
test.use({ deviceScaleFactor: 2 });

/** Side of the enlarged picture, in pixels: enough for a label of two lines above its lowest quarter. */
const SIDE = 256;

const waves = makeLatentFile('waves_sdxl.safetensors', 4, SIDE / 16);

test('100 % is one picture pixel on each pixel of a dense screen; smooth to 300 %, crisp beyond', async ({
  page,
  server,
}) => {
  await openWith(page, server, waves);
  // The right side alone.
  await page.keyboard.press('f');
  const level = page.locator('.level');
  const canvas = pane(page, 'lua').locator('canvas');
  await expect(level).toHaveText('100 %');
  await expect(page.getByRole('button', { name: '1:1' })).toHaveAttribute(
    'title',
    /each pixel of the screen/,
  );
  expect((await canvas.boundingBox())!.width).toBe(SIDE / 2);
  expect(await differenceOnScreen(page)).toBe(0);
  // The label stays in the picture's corner, in CSS pixels.
  const [label, picture] = [
    (await pane(page, 'lua').locator('.tag').boundingBox())!,
    (await canvas.boundingBox())!,
  ];
  expect([label.x - picture.x, label.y - picture.y]).toEqual([10, 10]);
  expect(label.x + label.width).toBeLessThanOrEqual(picture.x + picture.width);

  for (const [zoom, rendering] of [
    ['141 %', 'auto'],
    ['200 %', 'auto'],
    ['283 %', 'auto'],
    ['400 %', 'pixelated'],
  ] as const) {
    await page.keyboard.press('+');
    await expect(level).toHaveText(zoom);
    await expect(canvas).toHaveCSS('image-rendering', rendering);
  }
  expect((await canvas.boundingBox())!.width).toBe((SIDE / 2) * 4);
});

test('the loupe has a dense screen’s own pixels, six to a pixel of the picture, more where the view enlarges', async ({
  page,
  server,
}) => {
  await openWith(page, server, waves);
  await page.keyboard.press('l');
  // Beside the divider.
  const box = (await pane(page, 'lua').locator('.picture').boundingBox())!;
  await page.mouse.move(box.x + 52, box.y + 20);
  await expect(page.locator('.loupe canvas[data-side=right]')).toHaveCSS('width', '132px');
  const row = await readLoupeRow(page);
  expect(row.length).toBe(264);
  const changes = findChanges(row);
  expect(changes.length).toBeGreaterThan(20);
  expect(new Set(changes.map((x) => x % 6)).size).toBe(1);
  // Pixel by pixel it is a piece of a row of the picture.
  const cells = Array.from({ length: 40 }, (_, cell) => row[(changes[0]! % 6) + 6 * cell]);
  const { rgba } = await readPicture(page, 'lua');
  const rows = Array.from({ length: SIDE }, (_, y) =>
    Array.from({ length: SIDE }, (_, x) =>
      rgba.subarray(4 * (y * SIDE + x), 4 * (y * SIDE + x) + 3).join(),
    ).join(' '),
  );
  expect(rows.some((one) => one.includes(cells.join(' ')))).toBe(true);

  // The wheel moves the view beneath a pointer that stands still.
  for (let i = 0; i < 12; i++) await page.mouse.wheel(0, -300);
  await expect(page.locator('.level')).toHaveText('800 %');
  const enlarged = findChanges(await readLoupeRow(page));
  expect(enlarged.length).toBeGreaterThan(3);
  expect(new Set(enlarged.map((x) => x % 16)).size).toBe(1);
});

/** The colours in the middle row of the right half of the loupe. */
function readLoupeRow(page: Page): Promise<string[]> {
  return page.locator('.loupe canvas[data-side=right]').evaluate((node: HTMLCanvasElement) => {
    const { data } = node.getContext('2d')!.getImageData(0, node.height / 2, node.width, 1);
    return Array.from({ length: node.width }, (_, x) => data.slice(4 * x, 4 * x + 3).join());
  });
}

function findChanges(row: readonly string[]): number[] {
  return row.flatMap((colour, x) => (x > 0 && colour !== row[x - 1] ? [x] : []));
}

test('the welcome’s example fills its place', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const example = page.locator('leap-welcome latent-compare');
  const [stage, picture] = [example.locator('.stage'), example.locator('.picture').first()];
  await expect
    .poll(async () => (await picture.boundingBox())!.width)
    .toBeGreaterThan((await stage.boundingBox())!.width - 2);
});

/** Largest difference between the picture and what is seen of its lowest quarter, which has no label, of 255. */
async function differenceOnScreen(page: Page): Promise<number> {
  const { rgba } = await readPicture(page, 'lua');
  const clip = (await pane(page, 'lua').locator('canvas').boundingBox())!;
  const seen = decode(await page.screenshot({ clip }));
  expect([seen.width, seen.height]).toEqual([SIDE, SIDE]);
  let largest = 0;
  for (let pixel = (SIDE * SIDE * 3) / 4; pixel < SIDE * SIDE; pixel++) {
    for (let c = 0; c < 3; c++) {
      const shown = seen.data[pixel * seen.channels + c]!;
      largest = Math.max(largest, Math.abs(shown - rgba[pixel * 4 + c]!));
    }
  }
  return largest;
}
