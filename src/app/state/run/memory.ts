import { freeCanvas } from '../canvases';
import { isSameChoice, SIDES, type SideId } from '../choice';
import { currentRun, heldPixels, type Item, type Outcome, shownOutcome } from '../item';

/** Finished pictures are kept up to this many pixels (4 bytes each, so 384 MB). */
const MOST_PIXELS = 96e6;

/** Forgets the finished results of an item and frees their pixels; what waits or runs goes on. */
function dropResults(item: Item, sides: readonly SideId[] = SIDES): void {
  for (const run of item.runs.values()) {
    for (const id of sides) {
      const side = run[id];
      const outcome = shownOutcome(side);
      if (!outcome) continue;
      freeCanvas(outcome.canvas);
      run[id] =
        side.state === 'waiting' || side.state === 'running'
          ? { ...side, shown: undefined }
          : { state: 'idle' };
    }
  }
}

/** Forgets everything about one side. Stop it first. */
export function dropSide(item: Item, side: SideId): void {
  dropResults(item, [side]);
  for (const run of item.runs.values()) run[side] = { state: 'idle' };
}

/** Forgets everything about an item's runs. Stop it first. */
export function dropRuns(item: Item): void {
  dropResults(item);
  item.runs = new Map();
  item.before = undefined;
}

/** A side waits if it is not done, or was done in another way than now chosen. Its old picture is shown meanwhile. */
export function queueRuns(item: Item): void {
  const run = currentRun(item);
  for (const id of SIDES) {
    const side = run[id];
    if (side.state === 'running' || (side.state === 'done' && isCurrent(item, id, side.outcome))) continue;
    run[id] = { state: 'waiting', shown: shownOutcome(side) };
  }
}

/** Takes back what waits or runs on a side: the picture from before is back, with the choice that made it. */
export function takeBack(item: Item, id: SideId): void {
  const run = currentRun(item);
  const side = run[id];
  if (side.state !== 'waiting' && side.state !== 'running') return;
  const { shown } = side;
  if (!shown && item.before?.side === id) {
    run[id] = { state: 'idle' };
    goBack(item, item.before);
    return;
  }
  if (shown?.source !== item.latent) {
    if (shown) freeCanvas(shown.canvas);
    run[id] = { state: 'idle' };
    return;
  }
  item.choices = { ...item.choices, [id]: shown!.choice };
  run[id] = { state: 'done', outcome: shown!, problem: undefined };
}

/** To the factor and the choices that were there before; nothing is lost of their pictures. */
function goBack(item: Item, { scale, choices }: NonNullable<Item['before']>): void {
  const run = currentRun(item);
  for (const id of SIDES) if (run[id].state === 'waiting') run[id] = { state: 'idle' };
  item.before = undefined;
  item.scale = scale;
  item.choices = choices;
}

/** Was the picture made from what was read last, as it is chosen now? */
function isCurrent(item: Item, side: SideId, { source, choice }: Outcome): boolean {
  return source === item.latent && isSameChoice(choice, item.choices[side]);
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
