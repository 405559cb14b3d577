import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import type * as Element from '../../src/element/index';
import { drawPair } from '../support/draw-pair';
import { shareSite } from '../support/embed-test';

/** Everything that docs/embedding.md and the types promise of `<latent-compare>`: properties, parts, slots, events. */

type Compare = Element.LatentCompareElement;

const site = shareSite();

test.beforeEach(async ({ page }) => {
  await site.open(page);
  await page.addStyleTag({ content: 'latent-compare { width: 700px; height: 400px }' });
  await page.evaluate(() => import(`${location.origin}/lib/element.js`));
});

/** Puts the element with its two pictures on the page, and waits until they are shown. */
async function showPair(page: Page, attributes = '', inside = ''): Promise<void> {
  await drawPair(page, attributes, inside);
  await expect(page.locator('latent-compare .tag').first()).toBeVisible();
}

const element = (page: Page) => page.locator('latent-compare');
const stage = (page: Page) => element(page).locator('.stage');

test('slots: two pictures, controls in the bar, something on the stage', async ({ page }) => {
  const inside = '<button slot="tools">Mine</button><b slot="over" style="position: absolute">Over</b>';
  await showPair(page, '', inside);
  const isInside = (selector: string, part: string) =>
    element(page).evaluate(
      (node, [selector, part]) => {
        const { assignedSlot } = node.querySelector(selector!)!;
        return assignedSlot!.closest(`[part=${part}]`) !== null;
      },
      [selector, part],
    );
  expect(await isInside('[slot=tools]', 'bar')).toBe(true);
  expect(await isInside('[slot=over]', 'stage')).toBe(true);
  const sides = await element(page).evaluate((node) => {
    return [...node.querySelectorAll('img')].map((img) => {
      return img.assignedSlot!.closest<HTMLElement>('.pane')!.dataset.side;
    });
  });
  expect(sides).toEqual(['left', 'right']);
  await expect(element(page).getByRole('button', { name: 'Mine' })).toBeVisible();
});

test('parts can be styled from outside', async ({ page }) => {
  const parts = ['stage', 'label', 'divider', 'bar', 'status'];
  const content = parts.map((part, i) => `latent-compare::part(${part}) { letter-spacing: ${i + 1}px }`);
  await page.addStyleTag({ content: content.join('\n') });
  await showPair(page);
  const spacingOf = (part: string) =>
    element(page).evaluate((node, part) => {
      return getComputedStyle(node.shadowRoot!.querySelector(`[part=${part}]`)!).letterSpacing;
    }, part);
  for (const part of parts.slice(0, 4)) {
    expect(await spacingOf(part), part).toBe(`${parts.indexOf(part) + 1}px`);
  }
  // What is said on the stage.
  await element(page).evaluate((node: Compare) => node.setAttribute('src', '/nowhere.latent'));
  await expect(element(page).getByRole('status')).toBeVisible();
  expect(await spacingOf('status')).toBe('5px');
});

test('colours and radius come from the page', async ({ page }) => {
  const colours = ['accent', 'ground', 'stage', 'line', 'line-strong', 'ink', 'hover'];
  const content = colours.map((name, i) => `--compare-${name}: rgb(${i + 1}, 2, 3);`).join(' ');
  await page.addStyleTag({ content: `latent-compare { ${content} --compare-radius: 11px }` });
  await showPair(page);
  await element(page).getByRole('button', { name: 'Flip' }).hover();
  const isUsed = (value: string) =>
    element(page).evaluate((node, value) => {
      const nodes = [node, ...node.shadowRoot!.querySelectorAll('*')];
      const styles = nodes.flatMap((one) =>
        [undefined, '::before', '::after'].map((pseudo) => getComputedStyle(one, pseudo)),
      );
      return styles.some((style) => [...style].some((name) => style.getPropertyValue(name).includes(value)));
    }, value);
  // The accent marks what LUA made.
  await element(page).evaluate((node: Compare) => {
    const picture = document.createElement('canvas');
    node.right = { picture, label: 'LUA', marked: true };
  });
  for (const [i, name] of colours.entries()) {
    await expect.poll(() => isUsed(`rgb(${i + 1}, 2, 3)`), { message: name }).toBe(true);
  }
  expect(await isUsed('11px')).toBe(true);
});

test('any display and any source of the size leave room for the stage', async ({ page }) => {
  await showPair(page);
  const rules = [
    ['display: block', 700, 400],
    ['display: flex', 700, 400],
    ['display: inline-block', 700, 400],
    ['display: block; height: auto', 700, 525],
    ['display: block; width: auto; height: 300px; aspect-ratio: auto', undefined, 300],
  ] as const;
  for (const [rule, width, height] of rules) {
    await element(page).evaluate((node, rule) => node.setAttribute('style', rule), rule);
    const [whole, ground, bar] = await Promise.all(
      [element(page), stage(page), element(page).locator('.bar')].map(
        async (part) => (await part.boundingBox())!,
      ),
    );
    if (width) expect(whole!.width, rule).toBe(width);
    expect(whole!.height, rule).toBeCloseTo(height, 3);
    expect(ground!.width, rule).toBe(whole!.width);
    expect(ground!.height + bar!.height, rule).toBeCloseTo(whole!.height, 3);
    expect(ground!.height, rule).toBeGreaterThan(200);
  }
});

test('mode, divider, loupe, plain, subject: as attributes and as properties', async ({ page }) => {
  await showPair(page, 'subject="Colours" mode="pair" divider="0.25" loupe plain');
  await expect(stage(page)).toHaveClass(/pair/);
  await expect(stage(page)).toHaveAccessibleName(/^Comparison of Colours/);
  await expect(element(page).locator('.loupe')).toHaveCount(1);
  await expect(element(page).locator('.bar')).toHaveCount(0);
  const set = (values: Partial<Compare>) =>
    element(page).evaluate((node: Compare, values) => void Object.assign(node, values), values);
  await set({ mode: 'swipe', loupe: false, plain: false });
  await expect(element(page).getByRole('slider')).toHaveAttribute('aria-valuenow', '25');
  await expect(element(page).locator('.loupe')).toHaveCount(0);
  await expect(element(page).locator('.bar')).toHaveCount(1);
  await set({ divider: 0.75, subject: '' });
  await expect(element(page).getByRole('slider')).toHaveAttribute('aria-valuenow', '75');
  await expect(stage(page)).toHaveAccessibleName(/^Comparison\./);
  const front = () => element(page).evaluate((node: Compare) => node.frontSide);
  expect(await front()).toBeUndefined();
  await set({ mode: 'flip' });
  await expect(stage(page)).toHaveClass(/flip/);
  expect(await front()).toBe('right');
  await set({ mode: 'difference' });
  await expect(element(page).locator('.tag')).toContainText('Before − After');
});

test('a bitmap, as upscale() gives it, is a picture of a side', async ({ page }) => {
  await showPair(page);
  const shown = await element(page).evaluate(async (node: Compare) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [40, 30];
    canvas.getContext('2d')!.fillRect(0, 0, 40, 30);
    const picture = await createImageBitmap(canvas);
    node.left = { picture, label: 'Mine' };
    await (node as unknown as { updateComplete: Promise<unknown> }).updateComplete;
    const hung = [...node.shadowRoot!.querySelectorAll('canvas')].find(({ width }) => width === 40);
    return hung && [...hung.getContext('2d')!.getImageData(39, 29, 1, 1).data];
  });
  expect(shown).toEqual([0, 0, 0, 255]);
});

test('a scale that is not a number ends in compare-error, and the page goes on', async ({ page }) => {
  await showPair(page);
  const code = await element(page).evaluate(async (node: Compare) => {
    const failed = new Promise<string>((resolve) =>
      node.addEventListener('compare-error', ({ detail }) => resolve(detail.code)),
    );
    node.upscaler = { models: async () => [] } as unknown as NonNullable<Compare['upscaler']>;
    node.setAttribute('scale', 'banana');
    node.latent = { data: new Float32Array(1024), dims: [1, 4, 16, 16] };
    return failed;
  });
  expect(code).toBe('bad-option');
  await expect(element(page).locator('.status')).toContainText('such as 2 or 1.5, not "banana"');
});

test('left, right, size and topic', async ({ page }) => {
  await showPair(page);
  const show = (topic: string, size?: Element.PictureSize) =>
    element(page).evaluate(
      (node: Compare, { topic, size }) => {
        const make = (edge: number) => {
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [edge, edge];
          return canvas;
        };
        node.left = { picture: make(32), label: 'Small', note: 'of 32 pixels', rough: true };
        node.right = { picture: make(64), label: 'Large' };
        node.size = size;
        node.topic = topic;
      },
      { topic, size },
    );
  await show('one');
  const level = element(page).locator('.level');
  await expect(element(page).locator('.tag')).toHaveText(['Smallof 32 pixels', 'Large']);
  await expect(element(page).getByRole('img', { name: 'Small, rough preview' })).toHaveCount(1);
  // Both are as large as the larger one, or as the size that is given.
  const exportedWidth = () =>
    element(page).evaluate(async (node: Compare) => {
      return (await createImageBitmap(await node.toBlob())).width;
    });
  expect(await exportedWidth()).toBe(64);
  await show('one', { width: 128, height: 128 });
  expect(await exportedWidth()).toBe(128);
  // Another topic starts fitted; the same one keeps the zoom.
  const fitted = element(page).getByRole('button', { name: 'Fit' });
  await element(page).getByRole('button', { name: '1:1' }).click();
  await expect(level).toHaveText('100 %');
  await expect(fitted).toHaveAttribute('aria-pressed', 'false');
  await show('one', { width: 128, height: 128 });
  await expect(fitted).toHaveAttribute('aria-pressed', 'false');
  await show('two', { width: 128, height: 128 });
  await expect(fitted).toHaveAttribute('aria-pressed', 'true');
});

test('compare-change is told of what a person does, and of nothing else', async ({ page }) => {
  await showPair(page);
  await page.evaluate(() => {
    const heard: string[] = [];
    // It bubbles.
    document.addEventListener('compare-change', ({ target }) => heard.push((target as Compare).mode));
    Object.assign(window, { heard });
  });
  const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await element(page).evaluate((node: Compare) => void Object.assign(node, { mode: 'pair', divider: 0.1 }));
  expect(await heard()).toEqual([]);
  await element(page).getByRole('button', { name: 'Swipe' }).click();
  await element(page).getByRole('slider').press('ArrowRight');
  await element(page).getByRole('button', { name: 'Loupe' }).click();
  await element(page).getByRole('button', { name: 'Flip' }).click();
  expect(await heard()).toEqual(['swipe', 'swipe', 'swipe', 'flip']);
});

test('handleKey takes keys that were pressed elsewhere; toBlob writes what is asked', async ({ page }) => {
  await showPair(page);
  const press = (key: string) =>
    element(page).evaluate((node: Compare, key) => {
      return { taken: node.handleKey(new KeyboardEvent('keydown', { key })), mode: node.mode };
    }, key);
  expect(await press('f')).toEqual({ taken: true, mode: 'flip' });
  expect(await press('x')).toEqual({ taken: true, mode: 'difference' });
  expect(await press('q')).toEqual({ taken: false, mode: 'difference' });
  const found = await element(page).evaluate(async (node: Compare) => {
    const { type } = await node.toBlob({ type: 'image/jpeg', quality: 0.5 });
    const empty = document.createElement('latent-compare');
    document.body.append(empty);
    const code = await empty.toBlob().catch((thrown: Client.LeapError) => thrown.code);
    return { type, code };
  });
  expect(found).toEqual({ type: 'image/jpeg', code: 'bad-option' });
});

test('latent, family, scale, models and ways decide what is shown, and events tell how far it is', async ({
  page,
}) => {
  await showPair(page, 'family="sdxl" scale="4" models="/models/"');
  const found = await element(page).evaluate(async (node: Compare) => {
    const heard: { type: string; side?: string; method?: string; width?: number; code?: string }[] = [];
    const told = new Set<string>();
    node.addEventListener('compare-progress', (event) => {
      told.add((event as CustomEvent<{ side: string }>).detail.side);
    });
    const done = new Promise<void>((resolve) => {
      node.addEventListener('compare-done', (event) => {
        const { side, report } = (event as CustomEvent<{ side: string; report: Client.Report }>).detail;
        const { method, scale, width } = report;
        heard.push({ type: `${method} x${scale}`, side, width });
        if (heard.length === 2) resolve();
      });
    });
    node.ways = { left: { method: 'pixels' }, right: { method: 'bicubic' } };
    // Four channels: the family is SDXL's by the attribute.
    const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
    node.latent = { data, dims: [4, 4, 4] };
    await done;
    const failed = new Promise<string>((resolve) => {
      node.addEventListener('compare-error', (event) => {
        resolve((event as CustomEvent<Client.LeapError>).detail.code);
      });
    });
    node.latent = { data, dims: [5, 4, 4] };
    return { heard, told: [...told].sort(), code: await failed };
  });
  expect(found.heard).toEqual([
    { type: 'pixels x4', side: 'left', width: 128 },
    { type: 'bicubic x4', side: 'right', width: 128 },
  ]);
  expect(found.told).toEqual(['left', 'right']);
  expect(found.code).toMatch(/^(not-a-latent|unsupported|bad-option)$/);
  await expect(element(page).getByRole('status')).toBeVisible();
  // The pictures of the latent before are gone.
  await expect(element(page).locator('.pane canvas')).toHaveCount(0);
});
