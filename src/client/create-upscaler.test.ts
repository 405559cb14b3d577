import { getEventListeners } from 'node:events';
import { expose } from 'comlink';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeapError, throwIfAborted } from '../errors';
import { makeLatent } from '../testing/engine/test-models';
import { openUpscaler } from './create-upscaler';
import type { ProgressCallback, WorkerService } from './protocol';
import { installTransferHandlers } from './transfer-handlers';
import type { Notice, UpscaleResult, Upscaler } from './types';

const latent = makeLatent('sdxl', 4, 4);
let channel: MessageChannel;
let service: Partial<WorkerService>;
let tellNotice: ((notice: Notice) => void) | undefined;
let upscaler: Upscaler;
let notices: Notice[];
let catalogUrl: string;

beforeEach(async () => {
  installTransferHandlers();
  channel = new MessageChannel();
  notices = [];
  service = {
    open: async (_lock, options, _onProgress, onNotice) => {
      catalogUrl = options.catalogUrl;
      tellNotice = onNotice;
      return false;
    },
  };
  expose(service, channel.port2 as unknown as Parameters<typeof expose>[1]);
  upscaler = await openUpscaler(channel.port1, {
    models: 'https://example.org/models',
    onNotice: (notice) => notices.push(notice),
  });
});

afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

/** The buffer, after it has been moved elsewhere. */
function moveAway(buffer: ArrayBuffer): ArrayBuffer {
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

/** A stand-in for an upscaling that reports a step every millisecond until it is cancelled. */
async function endless(signal: AbortSignal | null, onProgress: ProgressCallback | null): Promise<never> {
  for (let done = 0; ; done++) {
    throwIfAborted(signal ?? undefined);
    onProgress?.({ phase: 'upscale', done, total: 100, message: '' });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('the client', () => {
  it('takes the address of the models with or without its last slash', () => {
    expect(catalogUrl).toBe('https://example.org/models/catalog.json');
  });

  const batchNorm = { mean: [0], variance: [1], extra: () => 1 };

  it.each([
    ['a function in the hints', () => upscaler.read(new Uint8Array(8), { batchNorm } as never)],
    ['a function in a latent', () => upscaler.write({ ...latent, extra: () => 1 } as never, 'npy')],
    ['a latent in a proxy', () => upscaler.write(new Proxy(latent, {}), 'npy')],
    ['a moved buffer', () => upscaler.read(moveAway(new ArrayBuffer(8)))],
  ])('says what to pass instead of %s', async (_, call) => {
    service.readAll = async () => [latent];
    service.write = async () => new Uint8Array(1);
    await expect(call()).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(/cannot be sent to the worker: .*a latent as read\(\) gave it/),
    });
  });

  it('receives errors with code, message and detail', async () => {
    service.models = async () => {
      throw new LeapError('hash-mismatch', 'Not what was expected.', { file: 'a', bytes: 3 });
    };
    const error = await upscaler.models().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LeapError);
    expect(error).toMatchObject({ code: 'hash-mismatch', message: 'Not what was expected.' });
    expect(error).toHaveProperty('detail', { file: 'a', bytes: 3 });
  });

  it('receives foreign errors, and details that cannot be cloned, all the same', async () => {
    service.models = async () => {
      throw new TypeError('x is not a function');
    };
    service.device = async () => {
      throw new LeapError('internal', 'Odd detail.', { call: () => 1 });
    };
    await expect(upscaler.models()).rejects.toMatchObject({
      code: 'internal',
      message: 'x is not a function',
    });
    await expect(upscaler.device()).rejects.toMatchObject({ code: 'internal', message: 'Odd detail.' });
  });

  it('passes progress on, and cancels in mid-run', async () => {
    service.upscale = endless;
    const controller = new AbortController();
    const steps: number[] = [];
    const running = upscaler.upscale(latent, {
      scale: 2,
      method: 'lua',
      signal: controller.signal,
      onProgress: ({ done }) => {
        steps.push(done);
        if (done === 3) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(steps.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  it('leaves nothing at a signal that outlives its calls, which may be that of the page', async () => {
    const { signal } = new AbortController();
    let during = 0;
    service.warmUp = async () => {
      during = getEventListeners(signal, 'abort').length;
    };
    const wish = { family: 'sdxl', width: 64, height: 64, scale: 2 } as const;
    for (let call = 0; call < 3; call++) await upscaler.warmUp({ ...wish, signal });
    expect(during).toBeGreaterThan(0);
    await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('passes no progress on after the result', async () => {
    let tell: ProgressCallback | null = null;
    service.upscale = async (_signal, onProgress) => {
      tell = onProgress;
      throw new LeapError('no-model', 'None.');
    };
    const onProgress = vi.fn();
    const wish = { scale: 2, method: 'lua', onProgress } as const;
    await expect(upscaler.upscale(latent, wish)).rejects.toMatchObject({ code: 'no-model' });
    await (tell as ProgressCallback | null)?.({ phase: 'upscale', done: 1, total: 1, message: '' });
    expect(tell).not.toBeNull();
    expect(onProgress).not.toHaveBeenCalled();
  });

  it('does not start what is cancelled already', async () => {
    service.upscale = () => Promise.reject(new Error('was started'));
    const wish = { scale: 2, method: 'lua', signal: AbortSignal.abort() } as const;
    await expect(upscaler.upscale(latent, wish)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('hands options on without signal and callback', async () => {
    let seen: unknown;
    service.upscale = async (...call) => {
      seen = call.at(-1);
      throw new LeapError('no-model', 'None.');
    };
    const wish = { scale: 4, method: 'bicubic', tile: 32, onProgress: () => {} } as const;
    await expect(upscaler.upscale(latent, wish)).rejects.toMatchObject({ code: 'no-model' });
    expect(seen).toEqual({ scale: 4, method: 'bicubic', tile: 32, output: 'image' });
    await expect(upscaler.upscale(latent, { scale: 2 })).rejects.toMatchObject({ code: 'no-model' });
    expect(seen).toEqual({ scale: 2, method: 'lua', output: 'image' });
  });

  it('is told notices', async () => {
    tellNotice?.({ code: 'demoted', message: 'slower' });
    await expect.poll(() => notices).toEqual([{ code: 'demoted', message: 'slower' }]);
  });

  it('rejects everything pending, and everything later, when the worker dies', async () => {
    service.upscale = endless;
    service.models = () => new Promise(() => {});
    const pending = [upscaler.upscale(latent, { scale: 2, method: 'lua' }), upscaler.models()];
    channel.port1.dispatchEvent(new Event('error'));
    for (const promise of pending) await expect(promise).rejects.toMatchObject({ code: 'worker-died' });
    await expect(upscaler.device()).rejects.toMatchObject({ code: 'worker-died' });
  });

  it('refuses what is not a latent, and what is not an address, with typed errors', async () => {
    await expect(upscaler.read('/x.safetensors' as never)).rejects.toMatchObject({ code: 'bad-option' });
    await expect(upscaler.read(undefined as never)).rejects.toMatchObject({ code: 'bad-option' });
    const nowhere = openUpscaler(channel.port1, { models: 'http://' });
    await expect(nowhere).rejects.toMatchObject({ code: 'bad-option' });
  });

  it('rejects everything pending with closed when it is closed', async () => {
    service.models = () => new Promise(() => {});
    const pending = upscaler.models();
    await upscaler.close();
    await expect(pending).rejects.toMatchObject({ code: 'closed' });
    await expect(upscaler.read(new Uint8Array(8))).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a worker that memory has run out in', () => {
  const full = new LeapError('out-of-memory', 'No room.');
  const wish = { scale: 2, method: 'lua' } as const;
  let shares: number[];
  let renewable: boolean[];
  let channels: MessageChannel[];
  /** The services of the workers, in the order in which these start; the last serves all workers after it. */
  let services: Partial<WorkerService>[];
  let careful: Upscaler;

  /** A worker with the next service, which answers `open` only once `ready` resolves. */
  function start(ready: Promise<void> = Promise.resolve()): MessagePort {
    const pair = new MessageChannel();
    const open: WorkerService['open'] = async (_lock, { memoryShare, renewable: can }) => {
      shares.push(memoryShare);
      renewable.push(can);
      await ready;
      return false;
    };
    const next = services[Math.min(channels.length, services.length - 1)];
    channels.push(pair);
    expose({ ...next, open }, pair.port2 as unknown as Parameters<typeof expose>[1]);
    return pair.port1;
  }

  const openCareful = (ready?: Promise<void>) =>
    openUpscaler(start(), { models: 'https://example.org/' }, () => start(ready));

  beforeEach(() => {
    [shares, channels, renewable] = [[], [], []];
    const done = { latent } as UpscaleResult;
    services = [
      { upscale: () => Promise.reject(full) },
      { upscale: async () => done, models: async () => [] },
    ];
  });

  afterEach(() => {
    for (const { port1, port2 } of channels) {
      port1.close();
      port2.close();
    }
  });

  it('is replaced by a fresh one, with a smaller share', async () => {
    careful = await openCareful();
    const result = await careful.upscale(latent, wish);
    expect(result.latent.dims).toEqual(latent.dims);
    expect(shares).toEqual([1, 0.25]);
  });

  it('is replaced each time that it happens, but once for each job', async () => {
    services = [services[0]!];
    careful = await openCareful();
    await expect(careful.upscale(latent, wish)).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(shares).toEqual([1, 0.25]);
    await expect(careful.upscale(latent, wish)).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(shares).toEqual([1, 0.25, 0.25]);
  });

  it('is replaced when its runtime takes no other GPU device, once, with the whole share', async () => {
    const spent = new LeapError('device-lost', 'It takes no other.', { spent: true });
    services[0]!.readAll = () => Promise.reject(spent);
    services[1] = { readAll: async () => [latent], models: () => Promise.reject(spent) };
    careful = await openCareful();
    await expect(careful.read(new Uint8Array(8))).resolves.toMatchObject({ dims: latent.dims });
    expect(shares).toEqual([1, 1]);
    // The next one makes do with the processor: a fault that comes again would be met by workers without end.
    expect(renewable).toEqual([true, false]);
    await expect(careful.models()).rejects.toMatchObject({ code: 'device-lost' });
    expect(shares).toHaveLength(3);
  });

  it('takes the calls of others along', async () => {
    services[0]!.models = () => new Promise(() => {});
    careful = await openCareful();
    const others = careful.models();
    await careful.upscale(latent, wish);
    await expect(others).resolves.toEqual([]);
    expect(shares).toEqual([1, 0.25]);
  });

  it('has no successor when it is closed meanwhile', async () => {
    let letOpen = () => {};
    careful = await openCareful(new Promise((resolve) => (letOpen = resolve)));
    const running = careful.upscale(latent, wish);
    await expect.poll(() => shares.length).toBe(2);
    const closing = careful.close();
    letOpen();
    await expect(running).rejects.toMatchObject({ code: 'closed' });
    await closing;
    await expect(careful.models()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a worker that hangs', () => {
  const wish = { scale: 2, method: 'lua' } as const;
  const limits = { start: 5000, silence: 400, cancel: 40 };
  const never = () => new Promise<never>(() => {});
  let channels: MessageChannel[];

  /** A worker that opens, and answers as the service does. */
  function start(service: Partial<WorkerService>): MessagePort {
    const pair = new MessageChannel();
    channels.push(pair);
    expose({ open: async () => false, ...service }, pair.port2 as unknown as Parameters<typeof expose>[1]);
    return pair.port1;
  }

  beforeEach(() => {
    channels = [];
  });

  afterEach(() => {
    for (const { port1, port2 } of channels) {
      port1.close();
      port2.close();
    }
  });

  it('is given up when it does not start', async () => {
    const opening = openUpscaler(start({ open: never }), { limits: { start: 20 } });
    await expect(opening).rejects.toMatchObject({ code: 'worker-died', detail: { reason: 'start' } });
  });

  it('is given up at once when its script does not load', async () => {
    const worker = start({ open: never });
    const opening = openUpscaler(worker, { limits });
    worker.dispatchEvent(new Event('error'));
    const message = expect.stringContaining('docs/embedding.md');
    await expect(opening).rejects.toMatchObject({
      code: 'worker-died',
      message,
      detail: { reason: 'script' },
    });
  });

  it('does not keep a signal from ending the opening', async () => {
    const controller = new AbortController();
    const opening = openUpscaler(start({ open: never }), { signal: controller.signal });
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('does not keep a cancelled call', async () => {
    const stuck = await openUpscaler(start({ upscale: never }));
    const controller = new AbortController();
    const running = stuck.upscale(latent, { ...wish, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await stuck.close();
  });

  it('is replaced after a cancelled call, for the calls behind it', async () => {
    const services: Partial<WorkerService>[] = [
      { upscale: never, models: never },
      { models: async () => [] },
    ];
    const next = () => start(services[channels.length]!);
    const stuck = await openUpscaler(next(), { limits }, next);
    const controller = new AbortController();
    const running = stuck.upscale(latent, { ...wish, signal: controller.signal });
    const behind = stuck.models();
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(behind).resolves.toEqual([]);
    expect(channels.length).toBe(2);
  });

  it('is replaced also after the signal of its opening was aborted', async () => {
    const services: Partial<WorkerService>[] = [{ models: never }, { models: async () => [] }];
    const next = () => start(services[channels.length]!);
    const opening = new AbortController();
    const options = { limits: { ...limits, silence: 40 }, signal: opening.signal };
    const stuck = await openUpscaler(next(), options, next);
    opening.abort();
    await expect(stuck.models()).resolves.toEqual([]);
    await stuck.close();
  });

  it('is replaced with the next call where the worker after it did not start', async () => {
    const services: Partial<WorkerService>[] = [
      { models: never },
      { open: never },
      { models: async () => [] },
    ];
    const next = () => start(services[channels.length]!);
    const stuck = await openUpscaler(next(), { limits: { start: 100, silence: 40, cancel: 40 } }, next);
    await expect(stuck.models()).rejects.toMatchObject({ code: 'worker-died' });
    await expect(stuck.models()).resolves.toEqual([]);
    expect(channels.length).toBe(3);
    await stuck.close();
  });

  it('is replaced once for each call, and not more', async () => {
    const next = () => start({ upscale: never });
    const stuck = await openUpscaler(next(), { limits: { ...limits, silence: 40 } }, next);
    await expect(stuck.upscale(latent, wish)).rejects.toMatchObject({
      code: 'worker-died',
      detail: { reason: 'silence' },
    });
    await stuck.close();
  });

  it('gives up the call that it hangs on, and answers those beside it', async () => {
    let free = true;
    const busy = async <T>(answer: T): Promise<T> => (free ? answer : never());
    const services: Partial<WorkerService>[] = [0, 1, 2].map(() => ({
      upscale: () => {
        free = false;
        return never();
      },
      models: () => busy([]),
      removeModel: () => busy(undefined),
    }));
    const next = () => {
      free = true;
      return start(services[channels.length]!);
    };
    const stuck = await openUpscaler(next(), { limits: { ...limits, silence: 60 } }, next);
    const controller = new AbortController();
    const guilty = stuck.upscale(latent, wish);
    const beside = [stuck.models(), stuck.removeModel('any')];
    const left = stuck.upscale(latent, { ...wish, signal: controller.signal });
    await expect.poll(() => channels.length).toBe(2);
    controller.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    await expect(guilty).rejects.toMatchObject({ code: 'worker-died', detail: { reason: 'silence' } });
    await expect(Promise.all(beside)).resolves.toEqual([[], undefined]);
    expect(channels.length).toBe(3);
    await stuck.close();
  });

  it('rejects its calls if no other worker can be started', async () => {
    const stuck = await openUpscaler(start({ models: never }), { limits: { ...limits, silence: 40 } });
    await expect(stuck.models()).rejects.toMatchObject({ code: 'worker-died' });
    await expect(stuck.device()).rejects.toMatchObject({ code: 'worker-died' });
  });
});
