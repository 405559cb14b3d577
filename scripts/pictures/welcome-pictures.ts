import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { encode } from 'fast-png';
import { openModels } from '../../src/cli/models/open-models';
import { createEngine } from '../../src/engine';
import { openNodeRuntime } from '../../src/engine/device/node/open-node-runtime';
import { readTensorFile } from '../../src/formats';
import { readLatents } from '../../src/latent';
import { TestPicture } from '../../src/testing/engine/test-picture';
import { findChromium } from '../browser/find-chromium.ts';

/**
 * `tsx scripts/pictures/welcome-pictures.ts`: the two pictures that the welcome compares, of one sample with both methods. To be
 * run after the weights have changed.
 */
const SAMPLE = 'raccoon_flux1.latent';

const SIDES = [
  { side: 'left', method: 'pixels' },
  { side: 'right', method: 'lua' },
] as const;

/** What is shown of 2048 x 1536 pixels, at their own size. */
const CROP = { x: 800, y: 210, width: 1120, height: 700 };

const QUALITY = 0.86;

const fileOf = (name: string) => fileURLToPath(new URL(`../../public/samples/${name}`, import.meta.url));

const [latent] = readLatents(readTensorFile(readFileSync(fileOf(SAMPLE))), { name: SAMPLE });
const engine = await createEngine({
  runtime: openNodeRuntime(),
  weights: await openModels(undefined, () => {}),
  backend: 'cpu',
  precision: 'fp32',
});
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--headless=new', '--no-sandbox'],
});
const page = await browser.newPage();
for (const { side, method } of SIDES) {
  let picture: TestPicture | undefined;
  await engine.upscale(latent!, {
    scale: 2,
    method,
    openPicture: (width, height) => {
      picture = new TestPicture(width, height);
      return picture;
    },
  });
  const png = encode({ width: picture!.width, height: picture!.height, data: picture!.rgba, channels: 4 });
  const file = fileOf(`welcome-${side}.webp`);
  writeFileSync(file, await cut(Buffer.from(png).toString('base64')));
  console.log(file);
}
await browser.close();
await engine.close();

/** The part of a PNG that is shown, as WebP. */
async function cut(png: string): Promise<Buffer> {
  const text = await page.evaluate(
    async ({ url, x, y, width, height, quality }) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      canvas.getContext('2d')!.drawImage(image, -x, -y);
      return canvas.toDataURL('image/webp', quality).split(',')[1]!;
    },
    { url: `data:image/png;base64,${png}`, ...CROP, quality: QUALITY },
  );
  return Buffer.from(text, 'base64');
}
