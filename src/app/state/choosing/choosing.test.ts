import { describe, expect, it, vi } from 'vitest';
import { LeapError } from '../../../client';
import { makeLatent, makeUpscaler, page, result, settle, upscaler } from '../../../testing/app/fake-page';
import { currentRun, itemState, shownOutcome } from '../item';

describe('nothing is lost by choosing', () => {
  const taesd = { method: 'lua', lua: undefined, decoder: 'taesdxl' } as const;

  async function addOne() {
    upscaler.readAll = async () => [makeLatent(0)];
    page.add([{ name: 'a.latent', input: new Uint8Array() }]);
    await settle();
    const item = page.items[0]!;
    const before = shownOutcome(currentRun(item).right)!;
    return { item, before };
  }

  it('shows the picture that is there until the new one is', async () => {
    const { item, before } = await addOne();
    let finish = () => {};
    upscaler.upscale = (latent, { method }) =>
      new Promise((resolve) => {
        finish = () => resolve(result(latent, method));
      });
    page.choose(item, 'right', taesd);
    await settle();
    expect(currentRun(item).right.state).toBe('running');
    expect(shownOutcome(currentRun(item).right)).toBe(before);
    finish();
    await settle();
    expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: { choice: taesd } });
    expect(before.canvas.width).toBe(0);
  });

  it('goes back to it when the new one fails or is cancelled, and remembers only what worked', async () => {
    const { item, before } = await addOne();
    const spoken: string[] = [];
    page.addEventListener('announce', (event) => spoken.push((event as CustomEvent<string>).detail));
    upscaler.upscale = () => Promise.reject(new LeapError('download-failed', 'No network.'));
    page.choose(item, 'right', taesd);
    await settle();
    const side = currentRun(item).right;
    expect(side).toMatchObject({ state: 'done', outcome: before, problem: { choice: taesd } });
    expect(item.choices.right).toEqual(before.choice);
    // What failed is named, not what stayed.
    expect(spoken).toContain('a.latent, LUA, taesdxl: No network.');
    upscaler.upscale = async (latent, { method }) => result(latent, method);
    page.add([{ name: 'b.latent', input: new Uint8Array() }]);
    await settle();
    expect(page.items[1]!.choices.right.decoder).toBeUndefined();

    upscaler.upscale = () => new Promise(() => {});
    page.choose(item, 'right', taesd);
    page.cancel(item);
    expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: before });
  });

  it('keeps the choice when a run at a factor with an older picture is cancelled', async () => {
    const { item } = await addOne();
    page.setScale(item, 4);
    await settle();
    page.choose(item, 'right', taesd);
    await settle();
    upscaler.upscale = () => new Promise(() => {});
    page.setScale(item, 2);
    await settle();
    page.cancel(item);
    expect(item.choices.right).toEqual(taesd);
    expect(currentRun(item).right.state).toBe('idle');
    // The left side's choice has not changed, and neither has its picture.
    expect(currentRun(item).left.state).toBe('done');
  });

  it('keeps what was finished at a factor that a choice led to in vain', async () => {
    const four = { method: 'lua', lua: 'four', decoder: undefined } as const;
    upscaler.models = async () => [
      { id: four.lua, kind: 'lua', family: 'sdxl', label: 'Four', scales: [4] } as never,
    ];
    const { item, before } = await addOne();
    page.setScale(item, 4);
    await settle();
    const atFour = shownOutcome(currentRun(item).right);
    page.setScale(item, 2);
    await settle();
    const { upscale } = upscaler;
    upscaler.upscale = (latent, options) =>
      options.lua
        ? Promise.reject(new LeapError('download-failed', 'No network.'))
        : upscale(latent, options);
    page.choose(item, 'right', four);
    await settle();
    expect(item.scale).toBe(2);
    expect(shownOutcome(currentRun(item).right)).toBe(before);
    expect(shownOutcome(item.runs.get(4)!.right)).toBe(atFour);
    expect(atFour!.canvas.width).not.toBe(0);
  });

  it('goes back to the earlier factor when a choice that changed it fails', async () => {
    const half = { method: 'lua', lua: 'one-and-a-half', decoder: undefined } as const;
    const facts = { kind: 'lua', family: 'sdxl', label: 'Other', scales: [1.5] };
    upscaler.models = async () => [{ id: half.lua, ...facts } as never];
    const { item, before } = await addOne();
    const { upscale } = upscaler;
    upscaler.upscale = (latent, options) =>
      options.lua
        ? Promise.reject(new LeapError('download-failed', 'No network.'))
        : upscale(latent, options);
    page.choose(item, 'right', half);
    expect(item.scale).toBe(1.5);
    await settle();
    expect(item.scale).toBe(2);
    expect(currentRun(item).right).toMatchObject({
      state: 'done',
      outcome: before,
      problem: { choice: half },
    });
    expect(itemState(item)).toBe('done');
    // Trying again goes to the factor again.
    upscaler.upscale = upscale;
    page.retry(item);
    await settle();
    expect(item.scale).toBe(1.5);
    expect(currentRun(item).right).toMatchObject({ state: 'done', outcome: { choice: half } });
    expect(itemState(item)).toBe('done');
  });

  it('tries again what failed', async () => {
    const { item } = await addOne();
    const { upscale } = makeUpscaler();
    upscaler.upscale = () => Promise.reject(new LeapError('download-failed', 'No network.'));
    page.choose(item, 'right', taesd);
    await settle();
    upscaler.upscale = upscale;
    page.retry(item);
    await settle();
    expect(currentRun(item).right).toMatchObject({
      state: 'done',
      outcome: { choice: taesd },
      problem: undefined,
    });
  });

  it('keeps the reading and its pictures when another one fails', async () => {
    const { item, before } = await addOne();
    upscaler.readAll = () => Promise.reject(new LeapError('not-a-latent', 'No.'));
    page.reread(item, { family: 'flux1' });
    await settle();
    expect(item.error?.code).toBe('not-a-latent');
    expect(itemState(item)).toBe('done');
    expect(shownOutcome(currentRun(item).right)).toBe(before);
    expect(item.hints).toEqual({});
    upscaler.readAll = vi.fn(async () => [makeLatent(0)]);
    page.retryRead(item);
    await settle();
    expect(upscaler.readAll).toHaveBeenLastCalledWith(
      item.input,
      { family: 'flux1', name: 'a.latent' },
      expect.anything(),
    );
  });

  it('begins the next file with the factor chosen last', async () => {
    const { item } = await addOne();
    page.setScale(item, 4);
    page.add([{ name: 'b.latent', input: new Uint8Array() }]);
    await settle();
    expect(page.items.map(({ scale }) => scale)).toEqual([4, 4]);
    // Back to 2: the picture is still there.
    page.setScale(item, 2);
    expect(itemState(item)).toBe('done');
  });
});
