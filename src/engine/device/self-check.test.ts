import { describe, expect, it } from 'vitest';
import { openNodeRuntime } from './node/open-node-runtime';
import type { Device, Grid } from './runtime';
import { selfCheck } from './self-check';

/** The device, but with every value that is read back changed. */
function distort(device: Device, change: (value: number) => number): Device {
  const { grids } = device;
  const toArray = async (grid: Grid) => (await grids.toArray(grid)).map(change);
  return { ...device, grids: Object.assign(Object.create(grids), { toArray }) };
}

describe('selfCheck', () => {
  it('agrees with the processor in fp32 and in fp16', async () => {
    const device = await openNodeRuntime({ threads: 1 }).openDevice('cpu');
    await selfCheck(device, 'fp32');
    await selfCheck(device, 'fp16');
  });

  it.each([
    ['one percent too large', (value: number) => value * 1.01],
    ['zero', () => 0],
    ['NaN', () => Number.NaN],
  ])('refuses answers that are %s', async (_, change) => {
    const device = distort(await openNodeRuntime({ threads: 1 }).openDevice('cpu'), change);
    await expect(selfCheck(device, 'fp32')).rejects.toMatchObject({ code: 'bad-output' });
  });
});
