import { expect, it } from 'vitest';
import type { Latent } from '../../client';
import { toPictureBlob } from '../save/picture-blob';
import type { Outcome } from '../state/item';
import { packResult } from './kept-results';

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
