import { freeCanvas } from './canvases';
import { SIDES, type SideId } from './choice';
import { heldPixels, type Item, idleRun } from './item';

/** Finished pictures are kept up to this many pixels (4 bytes each, so 384 MB). */
const MOST_PIXELS = 96e6;

/** Forgets the finished results of an item and frees their pixels; what waits or runs goes on. */
export function dropResults(item: Item, sides: readonly SideId[] = SIDES): void {
  for (const run of Object.values(item.runs)) {
    for (const id of sides) {
      const side = run[id];
      if (side.state !== 'done') continue;
      freeCanvas(side.outcome.canvas);
      run[id] = { state: 'idle' };
    }
  }
}

/** Forgets everything about one side. Stop it first. */
export function dropSide(item: Item, side: SideId): void {
  dropResults(item, [side]);
  for (const run of Object.values(item.runs)) run[side] = { state: 'idle' };
}

/** Forgets everything about an item's runs. Stop it first. */
export function dropRuns(item: Item): void {
  dropResults(item);
  item.runs = { 2: idleRun(), 4: idleRun() };
}

/** Forgets the results of the oldest items until the rest fits; those of `keep` are never touched. */
export function freeOldResults(
  items: readonly Item[],
  keep: readonly (Item | undefined)[],
  most = MOST_PIXELS,
): void {
  let held = items.reduce((sum, item) => sum + heldPixels(item), 0);
  for (const item of items) {
    if (held <= most) return;
    if (keep.includes(item)) continue;
    held -= heldPixels(item);
    dropResults(item);
  }
}
