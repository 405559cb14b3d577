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

/**
 * Forgets the pictures at the chosen factor that were made in another way than is chosen now. On the way to another
 * factor nobody has asked for the choices from when it was last looked at: whoever cancels there would get them back.
 */
export function dropOthers(item: Item): void {
  const run = currentRun(item);
  for (const id of SIDES) {
    const side = run[id];
    if (side.state !== 'done' || isCurrent(item, id, side.outcome)) continue;
    freeCanvas(side.outcome.canvas);
    run[id] = { state: 'idle' };
  }
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
  const shown = side.shown?.source === item.latent ? side.shown : undefined;
  if (side.shown && !shown) freeCanvas(side.shown.canvas);
  run[id] = shown ? { state: 'done', outcome: shown, problem: undefined } : { state: 'idle' };
  if (item.before?.side === id) goBack(item, item.before);
  else if (shown) item.choices = { ...item.choices, [id]: shown.choice };
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
