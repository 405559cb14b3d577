import { LeapError, toLeapError } from '../../errors';
import type { Device } from './runtime';

/**
 * A device that takes the place of another in one runtime. Runtimes to come have one device for their whole life and
 * refuse a second (onnxruntime's pull request 32227); a driver that is still down looks the same. So what fails before
 * the first session is there is blamed on the runtime: it is spent.
 *
 * @param renewable a fresh runtime can be had, in a fresh worker
 */
export function replaceDevice(device: Device, renewable: boolean): Device {
  let works = false;
  return {
    backend: device.backend,
    get adapter() {
      return device.adapter;
    },
    fp16: device.fp16,
    maxTensorBytes: device.maxTensorBytes,
    memoryBytes: device.memoryBytes,
    grids: device.grids,
    async createSession(graph, weights) {
      try {
        const session = await device.createSession(graph, weights);
        works = true;
        return session;
      } catch (thrown) {
        const error = toLeapError(thrown);
        if (works || error.code === 'out-of-memory') throw error;
        throw refused(error, renewable);
      }
    },
    checkHealth: () => device.checkHealth(),
    close: () => device.close(),
  };
}

/** Where no fresh runtime can be had, the processor goes on. */
function refused(error: LeapError, renewable: boolean): LeapError {
  const message = `The runtime cannot change to another GPU device: ${error.message}`;
  if (!renewable) return new LeapError('no-backend', message, {}, { cause: error });
  return new LeapError('device-lost', message, { spent: true }, { cause: error });
}
