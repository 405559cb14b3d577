import { expect, it } from 'vitest';
import { openWorkbench } from '../../testing/engine/run-in-pieces';
import { filterNetwork } from '../models/networks';
import { planTiles } from './plan-tiles';
import { runTiles } from './run-tiles';

const network = filterNetwork('bicubic', 4, 2);
const tiles = planTiles(8, 32, { tile: 8, halo: 0, fade: 0, align: 1 });

/** How many tiles are filled and taken when it is cancelled at a moment of the tile with that number, from 0. */
async function cancelAt(number: number, moment: 'tile' | 'fill' | 'take') {
  const controller = new AbortController();
  const seen = { tile: 0, fill: 0, take: 0 };
  const note = (now: keyof typeof seen) => {
    if (seen[now]++ === number && now === moment) controller.abort();
  };
  const running = runTiles(await openWorkbench(), {
    network,
    tiles,
    signal: controller.signal,
    onPrepare: () => {},
    onTile: () => note('tile'),
    fill: () => note('fill'),
    take: () => note('take'),
  });
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  return [seen.fill, seen.take];
}

it.each([
  ['when it is announced: it is not begun', 'tile', [2, 2]],
  ['while it runs: it is the last', 'fill', [3, 3]],
  ['when it is taken: it is the last', 'take', [3, 3]],
] as const)('is cancelled at a tile, %s', async (_, moment, expected) => {
  expect(tiles).toHaveLength(4);
  expect(await cancelAt(2, moment)).toEqual(expected);
});

it('is cancelled also behind the last tile, so that nobody takes it for done', async () => {
  expect(await cancelAt(3, 'take')).toEqual([4, 4]);
});
