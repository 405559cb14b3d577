import 'fake-indexeddb/auto';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { serveTestModels } from '../../testing/engine/served-models';
import { createDecoderSession } from './decoder-session';
import type { DecoderSessionOptions } from './session-options';

let served: Awaited<ReturnType<typeof serveTestModels>>;
let options: DecoderSessionOptions;

beforeAll(async () => {
  served = await serveTestModels(['flux1']);
  const runtime = ort as unknown as NonNullable<DecoderSessionOptions['ort']>;
  options = { models: served.models, ort: runtime, family: 'flux1', space: 'model', method: 'bicubic' };
});

afterAll(() => served.close());

/** Packed tokens of FLUX.1: 2x2 positions of 16 channels each. */
function makeTokens(count: number): ort.Tensor {
  const values = Float32Array.from({ length: count * 64 }, (_, i) => Math.sin(i * i));
  return new ort.Tensor('float32', values, [1, count, 64]);
}

it('gives pictures of the size that each run has', async () => {
  const size = vi.fn();
  const session = await createDecoderSession({ ...options, size });
  const latent_sample = makeTokens(8);
  for (const [width, height] of [
    [8, 4],
    [4, 8],
  ] as const) {
    size.mockReturnValueOnce({ width, height });
    const { sample } = await session.run({ latent_sample });
    expect(sample.dims).toEqual([1, 3, height * 16, width * 16]);
    expect(size).toHaveBeenLastCalledWith(latent_sample);
  }
  await session.release();
});

it.each([
  [undefined, 'The width'],
  [{ width: 8 }, 'The height'],
  [{ width: 8, height: 4.5 }, 'The height'],
])('refuses the size %j', async (size, named) => {
  const session = await createDecoderSession({ ...options, size: () => size as never });
  await expect(session.run({ latent_sample: makeTokens(8) })).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining(named),
  });
  await session.release();
});

it.each([
  [{ size: { width: 8, height: 4 } }, 'The option size must be a function'],
  [{ size: () => ({ width: 8, height: 4 }), width: 8 }, 'excludes width and height'],
])('refuses the options %j', async (wrong, message) => {
  await expect(createDecoderSession({ ...options, ...(wrong as object) })).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining(message),
  });
});
