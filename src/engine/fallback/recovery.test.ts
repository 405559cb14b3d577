import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { PngPicture } from '../../picture';
import { type Fault, faultyRuntime } from '../../testing/engine/faulty-runtime';
import { makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import type { EngineUpscaleOptions } from '../api';
import { replaceDevice } from '../device/replaced-device';
import type { Runtime } from '../device/runtime';
import { createEngine } from '../engine';
import { GridPicture } from '../pictures/grid-picture';
import type { Backend, Notice } from '../types';

const models = makeTestModels(['sdxl']);
const latent = makeLatent('sdxl', 24, 24);

async function open(
  faults: Fault[],
  backends: Backend[] = ['webgpu', 'wasm'],
  wrap = (runtime: Runtime): Runtime => runtime,
  backend: 'auto' | Backend = 'auto',
) {
  const notices: Notice[] = [];
  const runtime = faultyRuntime(backends, faults);
  const engine = await createEngine({
    runtime: wrap(runtime),
    weights: testSource(models),
    backend,
    precision: 'auto',
    onNotice: (notice) => notices.push(notice),
  });
  const upscale = async (tile?: number, more: Partial<EngineUpscaleOptions> = {}) => {
    let picture: TestPicture | undefined;
    const result = await engine.upscale(latent, {
      scale: 2,
      method: 'bicubic',
      ...defined({ tile }),
      ...more,
      openPicture: (width, height) => {
        picture = new TestPicture(width, height);
        return picture;
      },
    });
    return { ...result, picture: picture! };
  };
  return { engine, runtime, notices, upscale };
}

/** A picture on a device, as the output `gpu-tensor` has it. */
class CountedPicture extends GridPicture {
  discarded = false;

  override discard(): void {
    this.discarded = true;
    super.discard();
  }
}

const lost = new LeapError('device-lost', 'The GPU device was lost: pulled out.');
const spoilWith = (value: number) => (output: Float32Array) => void output.fill(value);

describe('a picture that is put together on a device', () => {
  const tiled = { scale: 2, method: 'bicubic', tile: 16 } as const;

  async function upscaleOnDevice(faults: Fault[], more: Partial<EngineUpscaleOptions> = {}) {
    const { engine, runtime } = await open(faults);
    const pictures: CountedPicture[] = [];
    const work = engine.upscale(latent, {
      ...tiled,
      openPicture: (width, height, device) => {
        const picture = new CountedPicture(width, height, device);
        pictures.push(picture);
        return picture;
      },
      ...more,
    });
    await work.catch(() => {});
    return { work, runtime, pictures };
  }

  const bytesOf = async ({ device, grid }: GridPicture) => {
    return Buffer.from((await device.grids.toArray(grid)).buffer);
  };

  it.each([
    ['is lost', 'bicubic', 1],
    ['is lost until it is given up', 'bicubic', 4],
    ['is lost', 'pixels', 1],
    ['is lost until it is given up', 'pixels', 4],
  ] as const)('is begun anew on the next one when that %s in mid-job, by %s', async (_, method, times) => {
    const whole = await upscaleOnDevice([], { method });
    const fault = { failAt: { run: whole.runtime.runs - 1, error: lost } };
    const { work, pictures } = await upscaleOnDevice(
      Array.from({ length: times }, () => fault),
      { method },
    );
    await work;
    const last = pictures.pop()!;
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.map(({ discarded }) => discarded)).toEqual(pictures.map(() => true));
    expect(pictures.map(({ device }) => device)).not.toContain(last.device);
    expect((await bytesOf(last)).equals(await bytesOf(whole.pictures[0]!))).toBe(true);
  });

  it('is read back as a part of the job, so a loss meanwhile is recovered from', async () => {
    let reads = 0;
    const { work, pictures } = await upscaleOnDevice([], {
      finishPicture: async () => {
        if (++reads === 1) throw lost;
      },
    });
    await work;
    expect([reads, pictures.map(({ discarded }) => discarded)]).toEqual([2, [true, false]]);
  });

  it('is put together again where the device fails at the last tile, though nobody looks at its values', async () => {
    const wish = { check: 'never', keepLatent: false } as const;
    const whole = await upscaleOnDevice([], wish);
    const { work, pictures } = await upscaleOnDevice([{ blankRun: whole.runtime.runs }], wish);
    expect((await work).report.notices).toHaveLength(1);
    expect(pictures.map(({ discarded }) => discarded)).toEqual([true, false]);
    expect((await bytesOf(pictures[1]!)).equals(await bytesOf(whole.pictures[0]!))).toBe(true);
  });

  it('is given back when its job ends early', async () => {
    const abort = new AbortController();
    const { work, pictures } = await upscaleOnDevice([], {
      signal: abort.signal,
      onProgress: ({ phase, done }) => {
        if (phase === 'decode' && done === 2) abort.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    expect(pictures.map(({ discarded }) => discarded)).toEqual([true]);
  });

  it('is refused before anything is computed where it does not fit', async () => {
    const { work, runtime, pictures } = await upscaleOnDevice([], {
      refuseOversizedPicture: (width, height) => {
        throw new LeapError('too-large', `${width} x ${height}`);
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'too-large', message: '384 x 384' });
    expect([runtime.runs, pictures.length]).toEqual([0, 0]);
  });
});

describe('at the start', () => {
  it('takes fp16 on WebGPU when nothing is wrong', async () => {
    const { engine, notices } = await open([]);
    expect(engine.info()).toEqual({ backend: 'webgpu', adapter: 'test webgpu', precision: 'fp16' });
    expect(notices).toEqual([]);
  });

  it('passes over fp16 in silence where the adapter has none', async () => {
    const { engine, notices } = await open([{ fp16: false }]);
    expect(engine.info()).toMatchObject({ backend: 'webgpu', precision: 'fp32' });
    expect(notices).toEqual([]);
  });

  it('steps down to fp32, then to wasm, when the self-check fails, and says so', async () => {
    const wrong = { spoil: spoilWith(0.5), fromTheStart: true };
    const { engine, notices } = await open([wrong, wrong]);
    expect(engine.info()).toMatchObject({ backend: 'wasm', precision: 'fp32' });
    expect(notices.map(({ code }) => code)).toEqual(['demoted', 'demoted']);
    expect(notices[0]!.message).toMatch(/WebGPU in fp16 did not work here: .*self-check.*\. WebGPU in fp32/);
  });

  it('closes each device that fails its self-check', async () => {
    const alive: Backend[] = [];
    const counting = (runtime: Runtime): Runtime => ({
      ...runtime,
      async openDevice(backend) {
        const device = await runtime.openDevice(backend);
        alive.push(backend);
        const close = () => device.close().finally(() => alive.splice(alive.indexOf(backend), 1));
        return { ...device, close };
      },
    });
    const wrong = { spoil: spoilWith(0.5), fromTheStart: true };
    const { engine, runtime } = await open([{ ...wrong, fp16: false }, wrong], undefined, counting);
    expect(runtime.opened).toEqual(['webgpu', 'webgpu', 'wasm']);
    expect(alive).toEqual(['wasm']);
    await engine.close();
    expect(alive).toEqual([]);
  });

  it('passes over both precisions of a backend that is not there, and says so once', async () => {
    const { engine, notices, runtime } = await open([{ missing: true }]);
    expect(engine.info().backend).toBe('wasm');
    expect(runtime.opened).toEqual(['webgpu', 'wasm']);
    expect(notices.map(({ message }) => message)).toEqual([
      'There is no adapter. WebAssembly is used instead.',
    ]);
  });

  it('passes over a GPU in software, and says so, unless WebGPU is asked for or nothing else is there', async () => {
    const software = { software: true };
    const chosen = await open([software]);
    expect(chosen.engine.info().backend).toBe('wasm');
    expect(chosen.runtime.opened).toEqual(['webgpu', 'wasm']);
    expect(chosen.notices.map(({ message }) => message)).toEqual([
      'WebGPU would run on the processor here (test webgpu), which is slow. WebAssembly is used instead.',
    ]);
    const alone = await open([software], ['webgpu']);
    expect(alone.engine.info().backend).toBe('webgpu');
    const asked = await open([software], ['webgpu', 'wasm'], undefined, 'webgpu');
    expect(asked.engine.info().backend).toBe('webgpu');
    expect([...alone.notices, ...asked.notices]).toEqual([]);
  });

  it('gives up with no-backend when nothing computes correctly', async () => {
    const wrong = { spoil: spoilWith(Number.NaN), fromTheStart: true };
    await expect(open([wrong, wrong, wrong])).rejects.toMatchObject({ code: 'no-backend' });
  });
});

describe('in the middle', () => {
  it.each([
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['black', 0],
  ])('computes a tile of %s values again on the next rung, with the right result', async (_, value) => {
    const good = await (await open([], ['wasm'])).upscale();
    const { upscale, notices, runtime } = await open([
      { spoil: spoilWith(value) },
      { spoil: spoilWith(value) },
    ]);
    const { report, picture } = await upscale();
    expect(report).toMatchObject({ backend: 'wasm', precision: 'fp32' });
    expect(report.notices).toHaveLength(2);
    expect(notices).toHaveLength(2);
    expect(runtime.opened).toEqual(['webgpu', 'webgpu', 'wasm']);
    expect(Buffer.from(picture.rgba).equals(Buffer.from(good.picture.rgba))).toBe(true);
  });

  it.each<[string, { spoil?: (output: Float32Array) => void; error?: LeapError }]>([
    ['bad-output', { spoil: spoilWith(Number.NaN) }],
    ['internal', { error: new LeapError('internal', 'A kernel failed.', { runtime: true }) }],
  ])('keeps nothing in a streamed picture of an attempt given up with %s', async (_, { spoil, error }) => {
    const decodeTiled = async (faults: Fault[]) => {
      const { engine, runtime } = await open(faults);
      const opened: { parts: Uint8Array[]; picture: PngPicture; discarded: boolean }[] = [];
      const { report } = await engine.upscale(latent, {
        scale: 2,
        method: 'bicubic',
        tile: 24,
        openPicture: (width, height) => {
          const parts: Uint8Array[] = [];
          const picture = new PngPicture(width, height, (bytes) => void parts.push(bytes));
          const one = { parts, picture, discarded: false };
          opened.push(one);
          const discard = () => {
            one.discarded = true;
          };
          return { put: (...tile) => picture.put(...tile), discard };
        },
      });
      const { parts, picture } = opened.at(-1)!;
      await picture.finish();
      const { data } = decode(Buffer.concat(parts), { checkCrc: true });
      return { report, opened, data, runs: runtime.runs };
    };
    const good = await decodeTiled([{ missing: true }]);
    let outputs = 0;
    const fault: Fault = {
      fp16: false,
      // Up to the last tile wrong values that no check sees: neither flat nor infinite.
      spoil: (output) => {
        if (++outputs === good.runs) spoil?.(output);
        else output.set(output.map((value) => value / 2));
      },
      ...defined({ failAt: error && { run: good.runs, error } }),
    };
    const { report, opened, data } = await decodeTiled([{ fp16: false }, fault]);
    expect(good.report.tiles.decode).toBeGreaterThan(3);
    expect(report.backend).toBe('wasm');
    expect(Buffer.from(data.buffer).equals(Buffer.from(good.data.buffer))).toBe(true);
    expect(opened.map(({ discarded }) => discarded)).toEqual([true, false]);
  });

  it('lets a flat tile pass when the latent is flat', async () => {
    const flat = { ...latent, data: new Float32Array(latent.data.length) };
    const { engine } = await open([{ spoil: spoilWith(0.25) }]);
    const wish = { scale: 2, method: 'bicubic' } as const;
    const openPicture = (width: number, height: number) => new TestPicture(width, height);
    const { report } = await engine.upscale(flat, { ...wish, openPicture });
    expect(report.precision).toBe('fp16');
  });

  it('gives up with bad-output when every backend is wrong', async () => {
    const wrong = { spoil: spoilWith(Number.NaN) };
    const { upscale } = await open([wrong, wrong, wrong]);
    await expect(upscale()).rejects.toMatchObject({ code: 'bad-output' });
  });

  it('continues on a fresh device after a loss, and keeps the finished tiles', async () => {
    const whole = await open([]);
    const good = await whole.upscale(24);
    const { upscale, runtime } = await open([{ failAt: { run: whole.runtime.runs - 2, error: lost } }]);
    const { report, picture } = await upscale(24);
    expect(runtime.opened).toEqual(['webgpu', 'webgpu']);
    expect(report).toMatchObject({ backend: 'webgpu', precision: 'fp16' });
    expect(report.tiles.upscale).toBe(0);
    expect(report.notices).toHaveLength(1);
    const differences = picture.rgba.map((value, i) => Math.abs(value - good.picture.rgba[i]!));
    expect(Math.max(...new Set(differences))).toBeLessThanOrEqual(1);
  });

  describe('on a runtime that takes no GPU device after its first', () => {
    const refusal = new LeapError('internal', 'onnxruntime failed: it cannot be replaced.', {
      runtime: true,
    });
    const refuseSecond = (renewable: boolean) => (runtime: Runtime) => {
      let had = false;
      return {
        ...runtime,
        async openDevice(backend: Backend) {
          const device = await runtime.openDevice(backend);
          if (backend !== 'webgpu' || !had) {
            had ||= backend === 'webgpu';
            return device;
          }
          return replaceDevice({ ...device, createSession: () => Promise.reject(refusal) }, renewable);
        },
      };
    };
    const fault = { failAt: { run: 2, error: lost } };

    it('stops for a fresh runtime, where there can be one', async () => {
      const { upscale, notices } = await open([fault], undefined, refuseSecond(true));
      await expect(upscale(24)).rejects.toMatchObject({ code: 'device-lost', detail: { spent: true } });
      expect(notices.filter(({ code }) => code === 'demoted')).toEqual([]);
    });

    it('goes on with the processor, where there cannot', async () => {
      const { upscale } = await open([fault], undefined, refuseSecond(false));
      const { report } = await upscale(24);
      expect(report.backend).toBe('wasm');
      expect(report.notices.join()).toContain('it cannot be replaced');
    });
  });

  it('blames no way of computing for a runtime that cannot be fetched, and can be opened again', async () => {
    const failed = new LeapError('download-failed', 'The runtime could not be fetched.');
    let offline = true;
    const flaky = (runtime: Runtime): Runtime => ({
      ...runtime,
      openDevice: (backend) => (offline ? Promise.reject(failed) : runtime.openDevice(backend)),
    });
    await expect(open([], undefined, flaky)).rejects.toBe(failed);
    offline = false;
    const { upscale, notices } = await open([], undefined, flaky);
    const { report } = await upscale();
    expect(report.backend).toBe('webgpu');
    expect(notices).toEqual([]);
  });

  it('halves the tiles when memory runs out', async () => {
    const { upscale, runtime } = await open([{ widestTile: 30 }, { widestTile: 30 }]);
    const { report } = await upscale();
    expect(runtime.opened).toEqual(['webgpu', 'webgpu']);
    expect(report).toMatchObject({ backend: 'webgpu', precision: 'fp16' });
    expect(report.tiles.decode).toBeGreaterThan(1);
  });

  it.each([
    ['the first tile', 1],
    ['the last tile', 4],
  ])('leaves no hole where memory ran out while %s was read back', async (_, tile) => {
    const good = await (await open([])).upscale(24);
    const { upscale, runtime } = await open([{ blankReadback: tile }]);
    const { report, picture } = await upscale(24);
    expect(runtime.opened).toEqual(['webgpu', 'webgpu']);
    expect(report.notices).toHaveLength(1);
    const differences = picture.rgba.map((value, i) => Math.abs(value - good.picture.rgba[i]!));
    expect(Math.max(...new Set(differences))).toBeLessThanOrEqual(1);
  });

  it('takes an array that cannot be allocated as a sign that memory ran out', async () => {
    const { upscale, runtime, notices } = await open([{ noArray: 1 }]);
    expect((await upscale()).report.tiles.decode).toBeGreaterThan(1);
    expect(runtime.opened).toEqual(['webgpu', 'webgpu']);
    expect(notices[0]!.message).toMatch(/^Memory ran out: Array buffer allocation failed/);
  });

  it('goes back up for the next job when this one was only too large', async () => {
    const narrow = { widestTile: 1 };
    const { upscale, notices, engine } = await open([narrow, narrow, narrow]);
    expect((await upscale()).report.backend).toBe('wasm');
    expect(notices.at(-1)!.message).toMatch(/^Only this latent was too large .*uses WebGPU in fp16 again/);
    expect((await upscale()).report.backend).toBe('webgpu');
    expect(engine.info().backend).toBe('webgpu');
  });

  it('does not go back up to a way that computed wrongly when the ways below were too small', async () => {
    const narrow = { widestTile: 1 };
    const { upscale } = await open([{ spoil: spoilWith(Number.NaN) }, narrow, narrow, narrow]);
    expect((await upscale()).report.backend).toBe('wasm');
    const { report } = await upscale();
    expect([report.backend, report.precision]).toEqual(['wasm', 'fp32']);
    expect(report.notices).toEqual([]);
  });

  it('ends on wasm after two retries on the GPU', async () => {
    const dies = { failAt: { run: 1, error: lost } };
    const { upscale, runtime } = await open([dies, dies, dies]);
    const { report } = await upscale();
    expect(runtime.opened).toEqual(['webgpu', 'webgpu', 'webgpu', 'wasm']);
    expect(report.backend).toBe('wasm');
  });

  it('blames no backend for a request that none could fulfil, nor for a callback that throws', async () => {
    const { engine, notices, runtime } = await open([]);
    const openPicture = (width: number, height: number) => new TestPicture(width, height);
    const wish = { scale: 2, method: 'bicubic', openPicture } as const;
    const spoilt = latent.data.slice();
    spoilt[5] = Number.NaN;
    await expect(engine.upscale({ ...latent, data: spoilt }, wish)).rejects.toMatchObject({
      code: 'not-a-latent',
    });
    const short = { ...latent, data: latent.data.slice(1) };
    await expect(engine.upscale(short, wish)).rejects.toMatchObject({ code: 'not-a-latent' });
    const odd = { ...wish, scale: 5 };
    await expect(engine.upscale(latent, odd)).rejects.toMatchObject({ code: 'bad-option' });
    const sliver = { ...wish, tile: Number.NaN };
    await expect(engine.upscale(latent, sliver)).rejects.toMatchObject({ code: 'bad-option' });
    const thrower = () => {
      throw new Error('no paper');
    };
    await expect(engine.upscale(latent, { ...wish, openPicture: thrower })).rejects.toMatchObject({
      message: 'no paper',
    });
    expect((await engine.upscale(latent, wish)).report).toMatchObject({
      backend: 'webgpu',
      precision: 'fp16',
    });
    expect(runtime.opened).toEqual(['webgpu']);
    expect(notices).toEqual([]);
  });

  it('returns to where it stood when a job fails on every way down', async () => {
    const wrong = { spoil: spoilWith(Number.NaN) };
    const { upscale, engine } = await open([wrong, wrong, wrong]);
    await expect(upscale()).rejects.toMatchObject({ code: 'bad-output' });
    const { report } = await upscale();
    expect(report).toMatchObject({ backend: 'webgpu', precision: 'fp16' });
    expect(engine.info()).toMatchObject({ backend: 'webgpu' });
  });

  it('tells of each demotion in the report of the job that it happened in', async () => {
    const { upscale } = await open([{ spoil: spoilWith(Number.NaN) }]);
    expect((await upscale()).report.notices).toHaveLength(1);
    expect((await upscale()).report.notices).toHaveLength(0);
  });

  it('keeps what a job has learnt before it was cancelled', async () => {
    const { upscale, runtime, notices } = await open([{ spoil: spoilWith(Number.NaN) }]);
    const abort = new AbortController();
    const cancelled = upscale(16, {
      signal: abort.signal,
      onProgress: ({ phase, done }) => {
        if (notices.length > 0 && phase === 'decode' && done === 2) abort.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    const { report } = await upscale();
    expect([report.precision, runtime.opened]).toEqual(['fp32', ['webgpu', 'webgpu']]);
    expect(notices.map(({ code }) => code)).toEqual(['demoted']);
  });

  it('does not tell of what happened while a picture was encoded in the reports of later jobs', async () => {
    const { engine, upscale, notices } = await open([{ failAt: { run: 1, error: lost } }]);
    const rgba = Uint8ClampedArray.from({ length: 64 * 64 * 4 }, (_, i) => (i * 37) % 251);
    await engine.encode({ width: 64, height: 64, rgba }, { family: 'sdxl' });
    expect(notices).toHaveLength(1);
    expect((await upscale()).report.notices).toEqual([]);
  });

  it('gives up with the error itself when there is nothing below', async () => {
    const full = { widestTile: 1 };
    const { upscale } = await open([full, full, full], ['wasm']);
    await expect(upscale()).rejects.toMatchObject({ code: 'out-of-memory' });
  });
});
