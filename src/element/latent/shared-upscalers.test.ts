import { beforeEach, expect, it, vi } from 'vitest';
import { UpscalerShare } from './shared-upscalers';

const opened = vi.hoisted(() => [] as { close: () => Promise<void>; closed: boolean }[]);

vi.mock('../../client', () => ({
  createUpscaler: async () => {
    const upscaler = {
      closed: false,
      close: async () => {
        upscaler.closed = true;
      },
    };
    opened.push(upscaler);
    return upscaler;
  },
}));

beforeEach(() => {
  opened.length = 0;
});

it('is one upscaler for all, which ends with the last', async () => {
  const [one, other] = [new UpscalerShare(''), new UpscalerShare('')];
  expect(await one.upscaler).toBe(await other.upscaler);
  one.giveBack();
  one.giveBack();
  expect(opened.map(({ closed }) => closed)).toEqual([false]);
  other.giveBack();
  await vi.waitFor(() => expect(opened.map(({ closed }) => closed)).toEqual([true]));
});

it('is another one once the worker has died, while somebody still has the dead one', async () => {
  const [one, other] = [new UpscalerShare(''), new UpscalerShare('')];
  await one.upscaler;
  one.drop();
  const next = new UpscalerShare('');
  expect(await next.upscaler).not.toBe(await other.upscaler);
  one.giveBack();
  other.giveBack();
  await vi.waitFor(() => expect(opened.map(({ closed }) => closed)).toEqual([true, false]));
  expect(await new UpscalerShare('').upscaler).toBe(await next.upscaler);
});
