import { latentFromRaw, writeLatent } from '../../src/latent/index';
import { drop, expect, makeLatentFile, test, waitForBoth } from '../support/page-test';

/** A file that says all about itself, so that nothing is guessed. */
function makeMarkedFile(name: string) {
  const data = Float32Array.from({ length: 4 * 8 * 8 }, (_, i) => Math.sin(0.7 * i) + Math.cos(i / 9));
  const [latent] = latentFromRaw({ data, dims: [1, 4, 8, 8] }, { family: 'sdxl', space: 'model' });
  return { name, bytes: writeLatent(latent!, 'safetensors') };
}

test('the inspector is in the order of use; file and times are folded, but what was guessed is not', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeMarkedFile('marked.safetensors'), makeLatentFile('guessed.safetensors', 4, 8)]);
  await waitForBoth(page);
  const inspector = page.locator('leap-inspector');
  const parts = [
    inspector.getByRole('group', { name: 'Scale' }),
    inspector.getByRole('button', { name: 'Save PNG' }),
    inspector.getByRole('heading', { name: 'Models' }),
    inspector.getByText('File and how it was read'),
    inspector.getByText('Times and memory'),
  ];
  // All of it is seen without scrolling.
  for (const part of parts) await expect(part).toBeInViewport({ ratio: 1 });
  const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
  for (const [i, box] of boxes.slice(1).entries()) {
    expect(box!.y).toBeGreaterThanOrEqual(boxes[i]!.y + boxes[i]!.height);
  }
  const [reading, times] = [
    inspector.getByLabel('Family'),
    inspector.getByRole('row', { name: 'All together' }),
  ];
  await expect(reading).toBeHidden();
  await expect(times).toBeHidden();
  await inspector.getByText('Times and memory').click();
  await expect(times).toBeVisible();
  await page.keyboard.press(']');
  await expect(inspector.getByRole('heading', { name: 'guessed.safetensors' })).toBeVisible();
  await expect(reading).toBeVisible();
});

test('a file that is no latent at all is not asked for its family', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const bytes = new TextEncoder().encode('hello, this is a text of some length');
  await drop(page, [{ name: 'notes.latent', bytes }]);
  const problem = page.locator('leap-problem');
  await expect(problem).toContainText('What is in this file was not recognised.');
  await expect(problem).toContainText('Error code: unknown-format');
  await expect(page.locator('leap-inspector').getByRole('heading', { name: 'notes.latent' })).toBeVisible();
  await expect(page.getByText('File and how it was read')).toHaveCount(0);
});
