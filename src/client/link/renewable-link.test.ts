import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RenewableLink } from './renewable-link';
import { Turns } from './turns';
import { WorkerLink } from './worker-link';

const channels: MessageChannel[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
  vi.useRealTimers();
});

/** A link to a worker that never answers, whose replacement never opens. */
function makeHanging(): { links: RenewableLink; starts: () => number } {
  const channel = new MessageChannel();
  channels.push(channel);
  const link = new WorkerLink(channel.port1 as unknown as Worker, { silence: 1000, cancel: 500 });
  const start = vi.fn(() => new Promise<WorkerLink>(() => {}));
  return { links: new RenewableLink(link, start), starts: () => start.mock.calls.length };
}

const never = () => new Promise<void>(() => {});

it('lets a call be cancelled at once while the next worker is being started', async () => {
  const { links, starts } = makeHanging();
  const abort = new AbortController();
  const call = links.call(never, abort.signal);
  const refused = expect(call).rejects.toMatchObject({ code: 'cancelled' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(starts()).toBe(1);
  abort.abort();
  await refused;
});

it('tells the calls that it is closed while the next worker is being started', async () => {
  const { links } = makeHanging();
  const refused = expect(links.call(never)).rejects.toMatchObject({ code: 'closed' });
  await vi.advanceTimersByTimeAsync(2000);
  await links.close();
  await refused;
});

it('gives no turn to a call that was cancelled before it asked, and passes its place on', async () => {
  const turns = new Turns();
  const leave = await turns.take();
  await expect(turns.take(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  const next = turns.take();
  leave();
  expect(await next).toBeTypeOf('function');
});
