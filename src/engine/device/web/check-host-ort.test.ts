import * as node from 'onnxruntime-node';
import { describe, expect, it, vi } from 'vitest';
import { findFault } from './check-host-ort';
import type { HostOrt } from './host-ort';
import { openWebRuntime } from './open-web-runtime';

const hosts = (versions: object): HostOrt => ({
  InferenceSession: { create: vi.fn() },
  Tensor: null,
  env: { versions },
});

describe("the host's onnxruntime", () => {
  it.each([
    [{ web: '1.30.0' }, true],
    [{ common: '1.20.1' }, true],
    [{ web: '2.0.0-dev' }, true],
    [{ web: '1.17.3', common: '1.30.0' }, false],
    [{}, false],
  ])('%o is taken: %s', (versions, good) => {
    expect(findFault(hosts(versions)) === undefined).toBe(good);
  });

  it('of an old version is left alone, and the reason is told', () => {
    const onRefused = vi.fn();
    const ort = hosts({ web: '1.16.0' });
    openWebRuntime({ ort, onRefused });
    expect(onRefused).toHaveBeenCalledExactlyOnceWith('onnxruntime 1.16.0 is older than 1.20');
  });

  it('may be that of Node', async () => {
    const runtime = openWebRuntime({ ort: node });
    expect(runtime.backends).toEqual(['cpu']);
    await expect(runtime.openDevice('webgpu')).rejects.toMatchObject({ code: 'no-backend' });
    expect((await runtime.openDevice('cpu')).adapter).toBe('onnxruntime-node');
  });
});
