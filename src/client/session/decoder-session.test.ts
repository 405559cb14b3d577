import 'fake-indexeddb/auto';
import * as ort from 'onnxruntime-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { serveTestModels } from '../../testing/engine/served-models';
import { createUpscaler } from '../create-upscaler';
import type { CreateOptions } from '../options/create-options';
import { createDecoderSession } from './decoder-session';
import type { HostSession } from './session-options';

let served: Awaited<ReturnType<typeof serveTestModels>>;
let host: Required<Pick<CreateOptions, 'models' | 'ort'>>;

beforeAll(async () => {
  served = await serveTestModels(['sd15', 'flux1', 'flux2']);
  host = { models: served.models, ort: ort as unknown as (typeof host)['ort'] };
});

afterAll(() => served.close());

/**
 * A tensor as diffusers.js has it: transformers.js's, which is a proxy in front of the fields of one of onnxruntime, with
 * arithmetic on top. The package itself is not in the registry any more; this follows its published source.
 */
class Tensor {
  declare readonly type: string;
  declare readonly data: Float32Array;
  declare readonly dims: number[];

  constructor(type: 'float32', data: Float32Array, dims: readonly number[]) {
    const { size } = new ort.Tensor(type, data, dims);
    Object.assign(this, { type, data, dims, size });
    // biome-ignore lint/correctness/noConstructorReturn: the tensors of transformers.js do it
    return new Proxy(this, { get: (target, key) => Reflect.get(target, key) });
  }

  div(value: number): Tensor {
    return mapTensor(this, (one) => one / value);
  }

  add(value: number): Tensor {
    return mapTensor(this, (one) => one + value);
  }

  clipByValue(from: number, to: number): Tensor {
    return mapTensor(this, (one) => Math.min(Math.max(one, from), to));
  }
}

function mapTensor({ data, dims }: Tensor, change: (value: number) => number): Tensor {
  return new Tensor('float32', data.map(change), dims);
}

function makeOnes(dims: readonly number[]): ort.Tensor {
  const size = dims.reduce((product, one) => product * one, 1);
  return new ort.Tensor('float32', new Float32Array(size).fill(1), dims);
}

it.each([
  ['flux1', [1, 16, 64]],
  ['flux1', [16, 64]],
  ['flux1', [1, 1, 16, 64]],
  ['flux2', [1, 128, 4, 4]],
] as const)(
  'takes patches of %s in the shape %j only with their space, which no value says for sure',
  async (family, dims) => {
    const latent_sample = makeOnes(dims);
    const session = await createDecoderSession({ ...host, family, width: 8, height: 8 });
    await expect(session.run({ latent_sample } as never)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(/of 2x2 patches.*space: 'model'.*space: 'decoder'/),
    });
    await session.release();
  },
);

it.each([
  ['sd15', [1, 16, 16, 16]],
  ['sd15', [1, 3, 16, 16]],
  ['flux1', [1, 4, 64, 64]],
] as const)(
  'says of a %s session and the shape %j that it is not a latent, and nothing of patches',
  async (family, dims) => {
    const latent_sample = makeOnes(dims);
    const session = await createDecoderSession({ ...host, family });
    await expect(session.run({ latent_sample } as never)).rejects.toMatchObject({
      code: 'not-a-latent',
      message: expect.not.stringContaining('patches'),
    });
    await session.release();
  },
);

describe('a decoder session in the place of a diffusers.js pipeline', () => {
  const values = Float32Array.from({ length: 4 * 4 * 4 }, (_, i) => Math.sin(i * i));
  const latents = new Tensor('float32', values, [1, 4, 4, 4]);
  const own: HostSession & { config: { scaling_factor: number } } = {
    config: { scaling_factor: 0.18215 },
    run: async () => {
      throw new Error('the own decoder');
    },
  };

  it("is used as the pipeline uses its own, and gives what upscale gives of the pipeline's latent", async () => {
    const pipe = { vaeDecoder: own };
    pipe.vaeDecoder = (await createDecoderSession({
      ...host,
      family: 'sd15',
      fallback: pipe.vaeDecoder,
    })) as unknown as typeof own;

    // What the pipeline does after its last step.
    const scaled = latents.div(pipe.vaeDecoder.config.scaling_factor);
    const { sample } = (await pipe.vaeDecoder.run({ latent_sample: scaled } as never)) as { sample: Tensor };
    const image = sample.div(2).add(0.5).clipByValue(0, 1);
    await pipe.vaeDecoder.release?.();

    const upscaler = await createUpscaler({ ...host, thread: 'this' });
    const hints = { family: 'sd15', space: 'model' } as const;
    const wish = { scale: 2, method: 'lua', output: 'tensor' } as const;
    const { tensor } = await upscaler.run({ data: values, dims: [1, 4, 4, 4] }, hints, wish);
    await upscaler.close();
    expect(image.dims).toEqual([1, 3, 64, 64]);
    const expected = Float32Array.from(tensor.data, (value) => Math.min(Math.max(value / 2 + 0.5, 0), 1));
    expect(new Set(expected).size).toBeGreaterThan(100);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - image.data[i]!)), 0);
    expect(worst).toBeLessThan(1e-5);
  });

  it("keeps the other fields of the host's session, and none of its methods", async () => {
    const session = await createDecoderSession({ ...host, family: 'sd15', fallback: own });
    expect(session).toHaveProperty('config', own.config);
    expect(session.run).not.toBe(own.run);
    expect(session.outputNames).toEqual(['sample']);
    await session.release();
  });
});

it('runs nothing once it was released, and does not blame itself for that', async () => {
  const notices: unknown[] = [];
  const fallback = { run: vi.fn(), release: vi.fn() };
  const onNotice = (notice: unknown) => notices.push(notice);
  const session = await createDecoderSession({ ...host, family: 'sd15', fallback, onNotice });
  await session.release();
  const late = session.run({ latent_sample: makeOnes([1, 4, 8, 8]) } as never);
  await expect(late).rejects.toMatchObject({ code: 'closed' });
  expect(fallback.run).not.toHaveBeenCalled();
  expect(notices).toEqual([]);
});

it('tells once what is doubtful of its latents, not at each run', async () => {
  const notices: string[] = [];
  const onNotice = ({ code }: { code: string }) => notices.push(code);
  const session = await createDecoderSession({ ...host, family: 'sd15', method: 'bicubic', onNotice });
  // Values of model space, which the decoder's are five times as large as.
  const values = Float32Array.from({ length: 4 * 16 * 16 }, (_, i) => Math.sin(i) + Math.cos(i / 7));
  for (let run = 0; run < 2; run++)
    await session.run({ latent_sample: new ort.Tensor('float32', values, [1, 4, 16, 16]) } as never);
  await session.release();
  expect(notices.filter((code) => code.startsWith('doubtful-'))).toHaveLength(1);
});

describe('what no run could do is told when the session is made', () => {
  it.each([
    ['a factor that LUA lacks', { scale: 3 }, /by 2 and 4, not by 3/],
    ['a decoder that is not there', { decoder: 'none' }, /no decoder for sd15 called none/],
    ['a family whose models were not copied', { family: 'sdxl' }, /no embedded decoder for sdxl/],
    ['another file in the place of the catalogue', { models: 'other/' }, /catalog.json is not valid JSON/],
  ] as const)('%s: an error, or a notice where there is a fallback', async (_, wish, says) => {
    const at = 'models' in wish ? { models: new URL(wish.models, served.models).href } : {};
    const options = { ...host, family: 'sd15' as const, ...wish, ...at };
    await expect(createDecoderSession(options)).rejects.toMatchObject({
      message: expect.stringMatching(says),
    });
    const notices: string[] = [];
    const fallback = { run: vi.fn(), release: vi.fn() };
    const onNotice = ({ message }: { message: string }) => notices.push(message);
    const session = await createDecoderSession({ ...options, fallback, onNotice });
    await vi.waitFor(() => expect(notices.join()).toMatch(says));
    expect(fallback.run).not.toHaveBeenCalled();
    await session.release();
  });

  describe('by a server that does not answer', () => {
    beforeEach(() => {
      vi.stubGlobal('fetch', (_: string, { signal }: RequestInit) => {
        return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
      });
    });
    afterEach(() => void vi.unstubAllGlobals());

    const options = { models: 'https://example.org/models/', family: 'sd15' } as const;

    it('a session with a fallback is there at once', async () => {
      const fallback = { run: vi.fn(), release: vi.fn() };
      const session = await createDecoderSession({ ort: host.ort, ...options, fallback });
      await session.release();
    });

    it('one without can be given up', async () => {
      const controller = new AbortController();
      const session = createDecoderSession({ ort: host.ort, ...options, signal: controller.signal });
      controller.abort();
      await expect(session).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
});

it.each([
  ['bare values', new Float32Array(4), /dims and data.*not bare values/],
  ['a number', 1, /dims and data, such as onnxruntime's\./],
])('says what it takes where it was given %s', async (_, latent_sample, message) => {
  const session = await createDecoderSession({ ...host, family: 'sd15' });
  await expect(session.run({ latent_sample } as never)).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringMatching(message),
  });
  await session.release();
});
