import { beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../../graph/test-run';
import type { Stage } from '../stage';
import { narrowWeights, openStage, runStaged, runWhole, type StagedTest } from './test-staged';

/** Of what any two orders of adding up differ by, far below what a wrong statistic does. */
const TOLERANCE = 1e-4;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});

const sd = narrowWeights();
const decode = (height: number, width: number, tile: number): StagedTest => {
  return { part: 'decoder', weights: sd, height, width, tile, stage };
};

describe('a decoder in tiles gives what it gives in one piece', () => {
  test.each([
    ['many tiles', decode(24, 24, 12)],
    ['odd sizes', decode(23, 29, 12)],
    ['a single column', decode(31, 1, 12)],
    ['a 1x1 latent', decode(1, 1, 12)],
  ])('%s', async (_, wish) => {
    const { output } = await runStaged(wish);
    expect(relativeError(output, await runWhole(wish))).toBeLessThan(TOLERANCE);
  });
});
