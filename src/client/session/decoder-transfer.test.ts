import { expose } from 'comlink';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeapError } from '../../errors';
import type { PlainTensor } from '../../latent/latent-from-raw';
import type { Source, WorkerService } from '../protocol';
import { installTransferHandlers } from '../transfer-handlers';
import { createDecoderSession } from './decoder-session';
import type { DecoderSessionOptions } from './session-options';

/** What a decoder session without an onnxruntime of the host's sends to its worker. A port stands in for the worker. */

let channel: MessageChannel;
/** What the worker was given. */
let got: { data: number[]; dims: number[]; bytes: number }[];

beforeEach(() => {
  installTransferHandlers();
  channel = new MessageChannel();
  got = [];
  const service: Partial<WorkerService> = {
    open: async () => false,
    checkModels: async () => {},
    upscale: async (_signal, _progress, _tile, _canvas, source: Source) => {
      const { data, dims } = (source as { input: PlainTensor }).input;
      got.push({ data: [...data], dims: Array.from(dims), bytes: data.buffer.byteLength });
      return { tensor: { data: new Float32Array(3), dims: [1, 3, 1, 1], dtype: 'float32' } } as never;
    },
  };
  expose(service, channel.port2 as unknown as Parameters<typeof expose>[1]);
});

afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

function open(options: Partial<DecoderSessionOptions> = {}) {
  return createDecoderSession({
    family: 'sd15',
    models: 'https://example.org/models/',
    worker: channel.port1 as unknown as Worker,
    ...options,
  });
}

const values = () => Float32Array.from({ length: 2 * 16 }, (_, i) => i + 1);
const tensorOf = (data: Float32Array, dims: number[]) => ({ type: 'float32', data, dims });

describe('the latent of a decoder session', () => {
  it('is copied to the worker unless transfer is set', async () => {
    const data = values();
    const session = await open();
    const { sample } = await session.run({ latent_sample: tensorOf(data, [1, 4, 2, 4]) });
    expect(data).toEqual(values());
    expect(got).toEqual([{ data: [...values()], dims: [1, 4, 2, 4], bytes: 128 }]);
    expect(sample.dims).toEqual([1, 3, 1, 1]);
  });

  it('is moved with transfer', async () => {
    const data = values();
    const session = await open({ transfer: true });
    await session.run({ latent_sample: tensorOf(data, [1, 4, 2, 4]) });
    expect(data.length).toBe(0);
    expect(got).toEqual([{ data: [...values()], dims: [1, 4, 2, 4], bytes: 128 }]);
  });

  it.each([false, true])(
    'goes without the rest of the memory that it is a view of, which stays: %s',
    async (transfer) => {
      const memory = new Float32Array(1000);
      const data = memory.subarray(8, 24);
      data.set(values().subarray(0, 16));
      const session = await open({ transfer });
      await session.run({ latent_sample: tensorOf(data, [1, 4, 2, 2]) });
      expect(memory.length).toBe(1000);
      expect(got).toEqual([{ data: [...data], dims: [1, 4, 2, 2], bytes: 64 }]);
    },
  );

  it('goes without the other items of its batch', async () => {
    const data = values();
    const session = await open({ transfer: true });
    const { sample } = await session.run({ latent_sample: tensorOf(data, [2, 4, 2, 2]) });
    expect(got.map(({ bytes, dims }) => [bytes, dims])).toEqual(Array(2).fill([64, [1, 4, 2, 2]]));
    expect(got.flatMap((item) => item.data)).toEqual([...values()]);
    expect(sample.dims).toEqual([2, 3, 1, 1]);
  });

  it('of three axes is one picture when the first has the channels of the family', async () => {
    const session = await open();
    await session.run({ latent_sample: tensorOf(values(), [4, 2, 4]) });
    expect(got.map(({ dims }) => dims)).toEqual([[4, 2, 4]]);
  });

  it('is not moved away from a fallback', async () => {
    const fallback = { run: async () => ({}) };
    const error = await open({ transfer: true, fallback }).catch((thrown: LeapError) => thrown);
    expect(error).toMatchObject({ code: 'bad-option', message: expect.stringContaining('fallback') });
  });
});
