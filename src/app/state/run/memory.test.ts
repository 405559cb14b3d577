import { describe, expect, it } from 'vitest';
import { createItem, currentRun, type Item, itemState } from '../item';
import { freeOldResults } from './memory';

function makeDone(pixels: number): Item {
  const item = createItem('a', new Uint8Array(), {}, 2);
  item.latent = {} as Item['latent'];
  item.reading = false;
  for (const side of ['left', 'right'] as const) {
    const canvas = { width: pixels, height: 1 } as HTMLCanvasElement;
    currentRun(item)[side] = { state: 'done', outcome: { canvas } as never, problem: undefined };
  }
  return item;
}

describe('freeOldResults', () => {
  it('frees the oldest results, and never what waits or is kept', () => {
    const items = [makeDone(10), makeDone(10), makeDone(10), makeDone(10)];
    items[1]!.runs.set(2, {
      left: { state: 'waiting', shown: undefined },
      right: { state: 'waiting', shown: undefined },
    });
    freeOldResults(items, [items[3]], 40);
    expect(items.map(itemState)).toEqual(['stopped', 'waiting', 'done', 'done']);
    freeOldResults(items, [items[3]], 0);
    expect(items.map(itemState)).toEqual(['stopped', 'waiting', 'stopped', 'done']);
  });
});
