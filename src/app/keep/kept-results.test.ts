import { expect, it, vi } from 'vitest';
import type { Latent } from '../../client';
import { bitmap, makeLatent, result } from '../../testing/app/fake-page';
import { toPictureBlob } from '../save/picture-blob';
import { createItem, currentRun, type KeptResult, type Outcome } from '../state/item';
import { packResult, restoreResults } from './kept-results';

it('keeps a streamed PNG without the workflow, which saving adds each time', async () => {
  const png = new Blob([new Uint8Array(100)], { type: 'image/png' });
  const latent = { provenance: { graphs: { workflow: '{"nodes":[]}' } } } as unknown as Latent;
  const outcome = { png, latent, canvas: { width: 4, height: 4 } } as Outcome;

  const kept = await packResult('left', outcome);
  expect(kept.picture.size).toBe(png.size);
  expect(kept.whole).toBe(false);

  const [first, again] = await Promise.all([
    toPictureBlob(outcome, { format: 'png', quality: 1 }),
    toPictureBlob({ ...outcome, png: kept.picture }, { format: 'png', quality: 1 }),
  ]);
  expect(first.size).toBeGreaterThan(png.size);
  expect(again.size).toBe(first.size);
});

it('brings back a picture of an earlier visit at its own factor only', async () => {
  vi.stubGlobal('createImageBitmap', async () => bitmap);
  const latent = makeLatent(0);
  const keptAt = (side: KeptResult['side'], scale: 2 | 4): KeptResult => ({
    side,
    choice: { method: 'lua', lua: undefined, decoder: undefined } as KeptResult['choice'],
    report: { ...result(latent, 'lua').report, scale },
    latent,
    picture: new Blob(),
    shown: { width: 16, height: 16 },
    whole: true,
  });
  // The page opens at another factor than it was left with, as a link may ask for.
  const item = { ...createItem('a', new Blob(), {}, 4), latent };
  item.resultsBefore = [keptAt('left', 2), keptAt('right', 4)];
  await restoreResults(item);
  expect(currentRun(item)).toMatchObject({ left: { state: 'idle' }, right: { state: 'done' } });
  expect(item.resultsBefore).toEqual([]);
});
