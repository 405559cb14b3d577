import { afterEach, expect, it, vi } from 'vitest';
import { LeapError } from '../../errors';
import { RenewableLink } from './renewable-link';
import { WorkerLink } from './worker-link';

const channels: MessageChannel[] = [];

afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
  vi.useRealTimers();
});

/** A link to a worker that never answers. */
function makeLink(): WorkerLink {
  const channel = new MessageChannel();
  channels.push(channel);
  return new WorkerLink(channel.port1 as unknown as Worker, { silence: 1000, cancel: 500 });
}

it('ends a call that throws before it asks the worker, and takes no idle worker for hung', async () => {
  vi.useFakeTimers();
  const link = makeLink();
  const hung = vi.fn();
  link.onHung = hung;
  const gone = new LeapError('worker-died', 'The canvas went with its worker.');
  const call = link.call(() => {
    throw gone;
  });
  await expect(call).rejects.toBe(gone);
  await vi.advanceTimersByTimeAsync(5000);
  expect(hung).not.toHaveBeenCalled();
});

it('tells the calls when no other worker can be started in the place of one that hangs', async () => {
  vi.useFakeTimers();
  const links = new RenewableLink(makeLink(), () => {
    throw new LeapError('bad-option', 'The host makes no second worker.');
  });
  const call = links.call(() => new Promise<void>(() => {}));
  const refused = expect(call).rejects.toMatchObject({ code: 'bad-option' });
  await vi.advanceTimersByTimeAsync(5000);
  await refused;
});
