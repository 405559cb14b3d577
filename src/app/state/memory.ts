import { freeCanvas } from './canvases';
import { heldPixels, type Item, idleRun } from './item';

/** Finished pictures are kept up to this many pixels (4 bytes each, so 384 MB). */
const MOST_PIXELS = 96e6;

/** Forgets every result of an item and frees its pixels. */
export function dropRuns(item: Item): void {
  for (const run of Object.values(item.runs)) {
    for (const side of Object.values(run)) if (side.state === 'done') freeCanvas(side.outcome.canvas);
  }
  item.runs = { 2: idleRun(), 4: idleRun() };
}

/** Forgets the results of the oldest items until the rest fits; `keep` is never touched. */
export function freeOldResults(items: readonly Item[], keep: Item, most = MOST_PIXELS): void {
  let held = items.reduce((sum, item) => sum + heldPixels(item), 0);
  for (const item of items) {
    if (held <= most) return;
    if (item === keep) continue;
    held -= heldPixels(item);
    dropRuns(item);
  }
}
