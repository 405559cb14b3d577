import { expect, test } from 'vitest';
import { HostGrids } from '../device/host/host-grids';
import { PooledMoments } from './pooled-moments';

const [channels, height, width] = [4, 5, 9];
/** Values whose mean is a thousand times their spread. */
const values = Float32Array.from({ length: channels * height * width }, (_, i) => 1000 + Math.sin(i * i));

test('tiles of different sizes give the mean and variance of the whole, as plain double precision does', async () => {
  const grids = new HostGrids();
  const grid = grids.fromArray(values, [channels, height, width]);
  const pooled = new PooledMoments();
  for (const rect of [
    { x: 0, y: 0, width: 2, height: 5 },
    { x: 2, y: 0, width: 7, height: 1 },
    { x: 2, y: 1, width: 7, height: 4 },
  ]) {
    pooled.add(await grids.moments(grid, rect));
  }
  const { mean, variance } = pooled.ofGroups(2);
  for (const group of [0, 1]) {
    const own = [...values].slice(group * 90, (group + 1) * 90);
    const expected = own.reduce((sum, value) => sum + value, 0) / own.length;
    const spread = own.reduce((sum, value) => sum + (value - expected) ** 2, 0) / own.length;
    expect(mean[group]).toBeCloseTo(expected, 9);
    expect(variance[group]).toBeCloseTo(spread, 9);
  }
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s is refused', async (wrong) => {
  const grids = new HostGrids();
  const spoilt = values.slice();
  spoilt[7] = wrong;
  const moments = await grids.moments(grids.fromArray(spoilt, [channels, height, width]), {
    x: 0,
    y: 0,
    width,
    height,
  });
  expect(() => new PooledMoments().add(moments)).toThrow(expect.objectContaining({ code: 'bad-output' }));
});
