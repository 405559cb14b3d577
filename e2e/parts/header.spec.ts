import { expect, test } from '../support/page-test';

test('a dialogue that has been open leaves the header as it was', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const button = page.getByRole('button', { name: 'Open files' });
  const before = await button.boundingBox();
  for (const open of ['Models', 'Keys']) {
    await page.getByRole('banner').getByRole('button', { name: open, exact: true }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  expect(await button.boundingBox()).toEqual(before);
});
