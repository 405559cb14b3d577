import type { Page } from '@playwright/test';
import {
  drop,
  expect,
  frames,
  makeLatentFile,
  openSmall,
  other,
  sideLabel,
  small,
  test,
  waitForBoth,
} from '../support/page-test';

/** What has the focus, in the innermost shadow tree. */
function focused(page: Page) {
  return page.evaluateHandle(() => {
    let at = document.activeElement!;
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  });
}

/** Scrolling by keys takes a moment. */
async function settled(read: () => Promise<number>): Promise<number> {
  let [last, now] = [Number.NaN, await read()];
  while (last !== now) {
    await new Promise((done) => setTimeout(done, 300));
    [last, now] = [now, await read()];
  }
  return now;
}

test('where a control goes away, the focus has a place: removed, put back, cleared, samples', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [small, other]);
  await waitForBoth(page);
  const stage = page.locator('leap-compare .stage');
  await page.keyboard.press('Tab');
  await stage.focus();
  await page.keyboard.press('Delete');
  await expect(frames(page)).toHaveCount(1);
  await expect(stage).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Enter');
  await expect(frames(page)).toHaveCount(2);
  await expect(stage).toBeFocused();

  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Dismiss' }).focus();
  // Whoever is at a notice does not mean the entry that is shown.
  await page.keyboard.press('Delete');
  await page.keyboard.press('Enter');
  await expect(frames(page)).toHaveCount(1);
  await expect(stage).toBeFocused();

  await page.getByRole('button', { name: 'Samples' }).focus();
  await page.keyboard.press('Enter');
  const choose = page.getByRole('button', { name: 'Choose files' });
  await expect(choose).toBeFocused();
  await frames(page).nth(0).click();
  await page.keyboard.press('Tab');
  await stage.focus();
  await page.keyboard.press('Delete');
  await expect(choose).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(frames(page)).toHaveCount(1);
});

test('Cancel becomes Run, and Run becomes Cancel, under the focus', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('large_sdxl.safetensors', 4, 64)]);
  await page.getByRole('button', { name: 'Cancel' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  // The same words twice are said twice.
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText('large_sdxl.safetensors: cancelled.')).toHaveCount(2);
});

test('all of several announcements are there to be read out, in a dialogue, too', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  const broken = (name: string) => ({ name, bytes: new Uint8Array(3) });
  await drop(page, [small, broken('one.latent'), broken('two.latent')]);
  const log = page.getByRole('log');
  for (const name of ['waves_sdxl.safetensors: read', 'one.latent: ', 'two.latent: ']) {
    await expect(log).toContainText(name);
  }
  await page.getByRole('button', { name: 'Manage models' }).click();
  const inDialogue = page.getByRole('dialog', { name: 'Models' }).getByRole('log');
  await expect(inDialogue).toHaveCount(1);
  await page.evaluate(() => {
    const { page } = document.querySelector('leap-app') as unknown as {
      page: { announce(text: string): void };
    };
    page.announce('A text of the test.');
  });
  await expect(inDialogue).toHaveText('A text of the test.');
  await expect(inDialogue).toHaveText('', { timeout: 20_000 });
});

test('the panel of the models gives the focus back, and closes when it is left', async ({ page, server }) => {
  await openSmall(page, server);
  const opener = page.getByRole('button', { name: 'Change models, right side' });
  const panel = page.getByRole('dialog', { name: 'Models, right side' });
  for (const leave of ['Escape', 'All models']) {
    await opener.focus();
    await page.keyboard.press('Enter');
    await panel.locator('.option').nth(3).waitFor();
    await page.keyboard.press('Tab');
    const label = await (await focused(page)).evaluate(
      (at) => at.getAttribute('aria-label') ?? at.textContent,
    );
    expect(label).not.toContain('Change models');
    if (leave === 'Escape') await page.keyboard.press('Escape');
    else {
      await panel.getByRole('button', { name: 'All models' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Models', exact: true }).waitFor();
      await page.keyboard.press('Escape');
    }
    await expect(opener).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await panel.locator('.option').nth(3).waitFor();
  await panel.getByRole('button', { name: 'All models' }).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  await expect(panel).toBeHidden();
});

test.describe('in a narrow window', () => {
  test.use({ viewport: { width: 360, height: 640 } });

  test('what gets the focus is not behind the bar that saves', async ({ page, server }) => {
    await openSmall(page, server);
    const bar = page.locator('leap-quick-save');
    await page.getByRole('button', { name: 'Open files' }).focus();
    for (let i = 0; i < 24; i++) {
      await page.keyboard.press('Tab');
      const top = await bar.evaluate((one) => one.getBoundingClientRect().top);
      const box = await (await focused(page)).evaluate((at) => {
        const { bottom, height } = at.getBoundingClientRect();
        const root = at.getRootNode();
        return {
          bottom,
          height,
          inBar: root instanceof ShadowRoot && root.host.localName === 'leap-quick-save',
        };
      });
      // The stage is higher than what is left above the bar.
      if (!box.inBar && box.height > 0 && box.height < 200) expect(box.bottom).toBeLessThanOrEqual(top + 1);
    }
  });

  test('arrows and Space scroll the page where the pictures have not the focus', async ({ page, server }) => {
    await openSmall(page, server);
    const scrolled = () => page.evaluate(() => window.scrollY);
    await page.evaluate(() => scrollTo(0, 0));
    await page.keyboard.press('ArrowDown');
    await expect.poll(scrolled).toBeGreaterThan(0);
    const before = await scrolled();
    await page.keyboard.press(' ');
    await expect.poll(scrolled).toBeGreaterThan(before);
    await expect(page.getByRole('button', { name: 'Flip' })).toHaveAttribute('aria-pressed', 'false');
    // On the pictures Space flips; arrows have nothing to move in a picture that is seen whole.
    await page.locator('.stage').focus();
    await page.keyboard.press(' ');
    await expect(page.getByRole('button', { name: 'Flip' })).toHaveAttribute('aria-pressed', 'true');
    const there = await settled(scrolled);
    await page.keyboard.press('ArrowUp');
    await expect.poll(scrolled).toBeLessThan(there);
  });

  test('the panel of the models fits again when the screen is turned', async ({ page, server }) => {
    await openSmall(page, server);
    await page.getByRole('button', { name: 'Change models, right side' }).click();
    const panel = page.getByRole('dialog', { name: 'Models, right side' });
    await panel.locator('.option').nth(3).waitFor();
    await page.setViewportSize({ width: 640, height: 360 });
    await expect(panel.getByRole('button', { name: 'Show' })).toBeInViewport({ ratio: 1 });
  });
});

test('sideways and at 400 % the picture and the list of the models have room', async ({ page, server }) => {
  await page.setViewportSize({ width: 320, height: 256 });
  await openSmall(page, server);
  expect((await page.locator('.stage').boundingBox())!.height).toBeGreaterThan(180);
  expect(
    await sideLabel(page, 'pixels')
      .locator('.name')
      .evaluate((name) => name.scrollWidth - name.clientWidth),
  ).toBe(0);
  await page.getByRole('button', { name: 'Manage models' }).click();
  const list = page.getByRole('region', { name: 'List of models' });
  await expect.poll(async () => (await list.boundingBox())!.height).toBeGreaterThan(256);
});

test('progress is seen in forced colours', async ({ page, server }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('large_sdxl.safetensors', 4, 64)]);
  const bar = page.getByRole('progressbar').first();
  const [ground, done] = await bar.evaluate((one) =>
    [one, one.firstElementChild!].map((part) => getComputedStyle(part).backgroundColor),
  );
  expect(done).not.toBe(ground);
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('a finger that scrolls the page past a fitted picture leaves the divider where it is', async ({
    page,
    server,
  }) => {
    await openSmall(page, server);
    const touch = await page.context().newCDPSession(page);
    const stage = (await page.locator('.stage').boundingBox())!;
    const [x, y] = [stage.x + 0.2 * stage.width, stage.y + 0.7 * stage.height];
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', to: [number, number][]) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: to.map(([a, b]) => ({ x: a, y: b })) });
    const divider = page.getByRole('slider');
    await send('touchStart', [[x, y]]);
    for (let i = 1; i <= 12; i++) await send('touchMove', [[x + i / 4, y - 8 * i]]);
    await send('touchEnd', []);
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(20);
    await expect(divider).toHaveAttribute('aria-valuenow', '50');

    // Across, it takes the divider; with the loupe, that.
    await page.evaluate(() => scrollTo(0, 0));
    await send('touchStart', [[x, y]]);
    for (let i = 1; i <= 12; i++) await send('touchMove', [[x + 6 * i, y]]);
    await send('touchEnd', []);
    await expect(divider).not.toHaveAttribute('aria-valuenow', '50');
    const left = await divider.getAttribute('aria-valuenow');
    const loupe = page.getByRole('button', { name: 'Loupe' });
    // A tap while the page is still moving stops it, and does nothing else.
    await expect(async () => {
      await loupe.tap();
      await expect(loupe).toHaveAttribute('aria-pressed', 'true', { timeout: 1000 });
    }).toPass();
    const middle: [number, number] = [stage.x + stage.width / 2 + 20, stage.y + stage.height / 2];
    await page.evaluate(() => scrollTo(0, 0));
    await send('touchStart', [middle]);
    await expect(page.locator('.loupe')).toBeVisible();
    await send('touchEnd', []);
    await expect(divider).toHaveAttribute('aria-valuenow', left!);

    // Where there is more of the picture than is seen, it stays where it is beneath the loupe.
    for (let i = 0; i < 8; i++) await page.keyboard.press('+');
    const picture = page.locator('.picture').first();
    const before = await picture.boundingBox();
    await page.evaluate(() => scrollTo(0, 0));
    await send('touchStart', [middle]);
    for (let i = 1; i <= 6; i++) await send('touchMove', [[middle[0] - 5 * i, middle[1] - 5 * i]]);
    await expect(page.locator('.loupe')).toBeVisible();
    await send('touchEnd', []);
    expect(await picture.boundingBox()).toEqual(before);
  });
});
