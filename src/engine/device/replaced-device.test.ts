import { describe, expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { buildCheckGraph } from '../../graph';
import { rejectionOf } from '../../testing/error-of';
import { replaceDevice } from './replaced-device';
import type { Device, Session } from './runtime';

const graph = buildCheckGraph('fp32');
const failure = new LeapError('internal', 'onnxruntime failed: a kernel.', { runtime: true });

/** A device whose sessions are made, or fail, in this order. Nothing is run on it. */
function deviceWith(answers: (LeapError | 'made')[]): Device {
  const left = [...answers];
  const createSession = async () => {
    const answer = left.shift()!;
    if (answer !== 'made') throw answer;
    return {} as Session;
  };
  return { createSession } as Partial<Device> as Device;
}

describe('a device that replaces another', () => {
  it.each([
    ['is spent', true, { code: 'device-lost', detail: { spent: true } }],
    ['is no backend, where there is no fresh runtime', false, { code: 'no-backend' }],
  ])('%s when its first session fails', async (_, renewable, expected) => {
    const device = replaceDevice(deviceWith([failure]), renewable);
    const error = await rejectionOf(device.createSession(graph, new Map()));
    expect(error).toMatchObject({ ...expected, cause: failure });
    expect(error.message).toContain('a kernel');
  });

  it('has shown that it works once a session is there: a later failure is what it is', async () => {
    const device = replaceDevice(deviceWith(['made', failure]), true);
    await device.createSession(graph, new Map());
    expect(await rejectionOf(device.createSession(graph, new Map()))).toBe(failure);
  });

  it('is not blamed for memory that ran out, which smaller tiles may help', async () => {
    const full = new LeapError('out-of-memory', 'No room.');
    const device = replaceDevice(deviceWith([full]), true);
    expect(await rejectionOf(device.createSession(graph, new Map()))).toBe(full);
  });
});
