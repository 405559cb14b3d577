import { afterEach, expect, it, vi } from 'vitest';
import { buildEnlargement } from '../../../graph';
import { SerialQueue } from '../serial-queue';
import { openGpuDevice } from './gpu-device';
import type { OrtModule } from './load-ort';

afterEach(() => vi.unstubAllGlobals());

/** A browser whose device can be lost on command. */
function stubGpu(): { lose: () => void } {
  let lose = () => {};
  const device = {
    features: new Set(),
    limits: { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 },
    lost: new Promise((resolve) => {
      lose = () => resolve({ reason: 'destroyed', message: 'pulled out' });
    }),
    addEventListener: () => {},
    createBuffer: () => ({ destroy: () => {} }),
    destroy: () => {},
  };
  const adapter = {
    limits: {},
    features: new Set(),
    info: { vendor: 'test' },
    requestDevice: async () => device,
  };
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
  vi.stubGlobal('GPUBufferUsage', { STORAGE: 1, COPY_SRC: 2, COPY_DST: 4 });
  return { lose: () => lose() };
}

it('does not hold the queue with a run that never comes back from a lost device', async () => {
  const { lose } = stubGpu();
  const released = vi.fn(async () => {});
  const session = { run: () => new Promise(() => {}), release: released };
  const ort = {
    InferenceSession: { create: async () => session },
    Tensor: { fromGpuBuffer: () => ({}) },
  } as unknown as OrtModule;
  const queue = new SerialQueue();
  const device = await openGpuDevice(ort, queue);
  const graph = buildEnlargement({ channels: 4, height: 8, width: 8, scale: 2, filter: 'bicubic' });
  const made = await device.createSession(graph, new Map());
  const running = made.run();
  lose();
  await expect(running).rejects.toMatchObject({ code: 'device-lost' });
  await made.release();
  expect(released).not.toHaveBeenCalled();
  // What the next device wants to do is not behind the run that hangs.
  await expect(queue.run(async () => 'next')).resolves.toBe('next');
});
