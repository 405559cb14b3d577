import type { Page } from '@playwright/test';
import { encode } from 'fast-png';
import { drop, expect, frames, openSmall, small, test } from '../support/page-test';

/** Pastes what the page refuses, in words. */
async function pasteText(page: Page): Promise<void> {
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'not an address');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  });
  await expect(page.locator('leap-notices')).toContainText('Only files and https addresses');
}

function makeClearPicture(name: string) {
  const data = new Uint8Array(4 * 64 * 64).map((_, at) => (at % 4 < 3 ? 90 : 128));
  return { name, bytes: encode({ width: 64, height: 64, data, channels: 4 }) };
}

for (const { where, viewport } of [
  { where: 'beside the picture', viewport: { width: 1280, height: 720 } },
  { where: 'over the page on a phone', viewport: { width: 390, height: 844 } },
]) {
  test.describe(where, () => {
    test.use({ viewport });

    test('a notice moves neither the picture nor what is saved from', async ({ page, server }) => {
      await openSmall(page, server);
      const places = () =>
        page
          .locator('leap-compare .stage, leap-inspector h2, leap-save button.primary')
          .evaluateAll((all) => all.map((one) => JSON.stringify(one.getBoundingClientRect())));
      const before = await places();
      expect(before.length).toBeGreaterThan(2);
      await pasteText(page);
      expect(await places()).toEqual(before);
      const notice = page.locator('leap-notices li').last();
      await expect(notice).toBeInViewport();
      // It is not beneath anything.
      await notice.getByRole('button', { name: 'Dismiss' }).click();
      await expect(page.getByText('Only files and https addresses')).toHaveCount(0);
    });
  });
}

test('what is said of an entry is seen with it alone, and a refusal goes when something opens', async ({
  page,
  server,
}) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto(`${server.url}?backend=wasm`);
  const pictures = Array.from({ length: 6 }, (_, i) => makeClearPicture(`clear-${i}.png`));
  await drop(page, pictures);
  const notices = page.locator('leap-notices');
  await expect(notices).toContainText('clear-0.png is transparent in places');
  await frames(page).nth(4).click();
  await expect(notices).toContainText('clear-4.png is transparent in places');
  await expect(notices).not.toContainText('clear-0.png');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(notices).toContainText('6 entries were removed.');
  await expect(notices.locator('li')).toHaveCount(1);
  // A refused address is of the past when something opens.
  await pasteText(page);
  await drop(page, [small]);
  await expect(page.getByRole('heading', { name: small.name })).toBeVisible();
  await expect(notices).not.toContainText('Only files');
});
