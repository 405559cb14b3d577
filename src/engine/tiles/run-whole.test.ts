import { expect, it } from 'vitest';
import { makeLatent, makePooled, testSource } from '../../testing/engine/test-models';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import type { Grids, Runtime } from '../device/runtime';
import { createEngine } from '../engine';
import { GridPicture } from '../pictures/grid-picture';

const READING = ['add', 'moments', 'toArray', 'toRgba'] as const satisfies (keyof Grids)[];

/** A runtime on the processor that notes what is read back from its grids. */
function countedRuntime(read: string[]): Runtime {
  const node = openNodeRuntime({ threads: 1 });
  return {
    ...node,
    async openDevice(backend) {
      const device = await node.openDevice(backend);
      const noted = READING.map((name) => {
        const call = device.grids[name] as (...args: unknown[]) => unknown;
        const note = (...args: unknown[]) => {
          read.push(name);
          return call.apply(device.grids, args);
        };
        return [name, note];
      });
      return { ...device, grids: Object.assign(Object.create(device.grids), Object.fromEntries(noted)) };
    },
  };
}

it('reads nothing back of a decoder that sees the whole first, where nothing is to be checked', async () => {
  const read: string[] = [];
  const engine = await createEngine({
    runtime: countedRuntime(read),
    weights: testSource(makePooled('decoder')),
    backend: 'auto',
    precision: 'auto',
  });
  const upscale = (check: 'never' | 'tiles') =>
    engine.upscale(makeLatent('flux2', 8, 8), {
      scale: 2,
      method: 'bicubic',
      check,
      keepLatent: false,
      openPicture: (width, height, device) => new GridPicture(width, height, device),
    });
  read.length = 0;
  await upscale('never');
  expect(read).toEqual([]);
  await upscale('tiles');
  expect(read.length).toBeGreaterThan(0);
});
