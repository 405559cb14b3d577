import type { Latent } from '../../client';
import { toPlainBlob } from '../save/picture-blob';
import { mountBitmap } from '../state/canvases';
import { SIDES, type SideId } from '../state/choice';
import { currentRun, type Item, type KeptResult, type Outcome } from '../state/item';

/** The finished pictures of an item at its factor, as it is read now: those of another reading would be taken for them. */
export function finishedSides(item: Item): { side: SideId; outcome: Outcome }[] {
  if (item.reading) return [];
  return SIDES.flatMap((side) => {
    const result = currentRun(item)[side];
    const isCurrent = result.state === 'done' && result.outcome.source === item.latent;
    return isCurrent ? [{ side, outcome: result.outcome }] : [];
  });
}

/**
 * Without the latent's graphs: saving adds them, and would add them once more to a picture that was brought back.
 * @throws LeapError `out-of-memory` where the picture is gone, or cannot be encoded
 */
export async function packResult(side: SideId, outcome: Outcome): Promise<KeptResult> {
  const { choice, report, latent, canvas, png } = outcome;
  const { width, height } = canvas;
  const picture = await toPlainBlob(outcome, { format: 'png', quality: 1 });
  return { side, choice, report, latent, picture, shown: { width, height }, whole: !png };
}

/** @param source what was read of the item's file */
async function unpackResult(kept: KeptResult, source: Latent): Promise<Outcome> {
  const { choice, report, latent, picture, shown, whole } = kept;
  const size = { resizeWidth: shown.width, resizeHeight: shown.height, resizeQuality: 'high' } as const;
  const bitmap = await createImageBitmap(picture, whole ? {} : size);
  const canvas = mountBitmap(bitmap);
  return { canvas, png: whole ? undefined : picture, latent, report, source, choice };
}

/** Hangs the pictures of an earlier visit into the item's run. What cannot be shown is made again. */
export async function restoreResults(item: Item): Promise<void> {
  const { latent, resultsBefore } = item;
  item.resultsBefore = [];
  if (!latent) return;
  for (const kept of resultsBefore) {
    const outcome = await unpackResult(kept, latent).catch(() => undefined);
    const run = currentRun(item);
    if (!outcome || item.latent !== latent || run[kept.side].state !== 'idle') continue;
    if (outcome.report.scale === item.scale) run[kept.side] = { state: 'done', outcome, problem: undefined };
  }
}
