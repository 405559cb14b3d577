import { beforeAll, describe, expect, it } from 'vitest';
import { makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import type { Engine, EngineUpscaleOptions } from '../api';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import type { Device, Runtime } from '../device/runtime';
import { createEngine } from '../engine';
import { GridPicture } from './grid-picture';

const latent = makeLatent('sdxl', 6, 5);
const wish = { scale: 2, method: 'lua', tile: 8 } as const;

/** Node's runtime, which counts sessions. */
function countingRuntime(): Runtime & { sessions: number } {
  const node = openNodeRuntime({ threads: 1 });
  const runtime = {
    backends: node.backends,
    sessions: 0,
    async openDevice(): Promise<Device> {
      const device = await node.openDevice('cpu');
      return {
        ...device,
        createSession(...call) {
          runtime.sessions++;
          return device.createSession(...call);
        },
      };
    },
  };
  return runtime;
}

let runtime: ReturnType<typeof countingRuntime>;
let engine: Engine;

beforeAll(async () => {
  runtime = countingRuntime();
  const weights = testSource(makeTestModels(['sdxl']));
  engine = await createEngine({ runtime, weights, backend: 'cpu', precision: 'fp32' });
});

/** The picture's values, [3, H, W] in [-1, 1]. */
async function upscaleToGrid(options: Partial<EngineUpscaleOptions>): Promise<Float32Array> {
  let picture: GridPicture | undefined;
  await engine.upscale(latent, {
    ...wish,
    openPicture: (width, height, device) => {
      picture = new GridPicture(width, height, device);
      return picture;
    },
    ...options,
  });
  return picture!.device.grids.toArray(picture!.grid);
}

describe('a picture that stays on the device', () => {
  it('has the values that are rounded to the bytes', async () => {
    let drawn: TestPicture | undefined;
    const openPicture = (width: number, height: number) => {
      drawn = new TestPicture(width, height);
      return drawn;
    };
    await engine.upscale(latent, { ...wish, openPicture });
    const { rgba, width, height } = drawn!;
    const values = await upscaleToGrid({ check: 'end', keepLatent: false });
    expect(values.length).toBe(3 * width * height);
    for (let at = 0; at < width * height; at++) {
      for (let plane = 0; plane < 3; plane++) {
        const level = (values[plane * width * height + at]! / 2 + 0.5) * 255;
        const error = Math.min(255, Math.max(0, level)) - rgba[at * 4 + plane]!;
        expect(Math.abs(error)).toBeLessThan(0.501);
      }
    }
  });

  it('takes a latent that the device has, and looks at it no more', async () => {
    const expected = await upscaleToGrid({});
    const openSource = ({ grids }: Device) => grids.fromArray(latent.data.slice(), latent.dims);
    const found = await upscaleToGrid({ openSource, keepLatent: false, check: 'never' });
    expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(expected.buffer))).toBe(0);
  });

  it('is refused in the end when its values are not numbers', async () => {
    const broken = latent.data.map(() => Number.NaN);
    const openSource = ({ grids }: Device) => grids.fromArray(broken, latent.dims);
    await expect(upscaleToGrid({ openSource, keepLatent: false, check: 'end' })).rejects.toMatchObject({
      code: 'bad-output',
    });
  });
});

it('is warm for the first tiles after warmUp', async () => {
  await engine.close();
  await engine.warmUp({ family: 'sdxl', dims: [4, 8, 8] }, { scale: 2, method: 'lua' });
  const { sessions } = runtime;
  const openPicture = (width: number, height: number) => new TestPicture(width, height);
  await engine.upscale(makeLatent('sdxl', 8, 8), { scale: 2, method: 'lua', openPicture });
  expect(runtime.sessions).toBe(sessions);
});
