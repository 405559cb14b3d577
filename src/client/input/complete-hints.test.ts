import { expect, it } from 'vitest';
import { latentFromRaw, makeProvenance } from '../../latent';
import type { Latent } from '../../latent/types';
import { completeHints } from './complete-hints';

/** Its shape could as well be one of packed tokens. */
const latent: Latent = {
  family: 'sdxl',
  dims: [4, 128, 128],
  data: Float32Array.from({ length: 4 * 128 * 128 }, (_, i) => Math.sin(i)),
  provenance: makeProvenance({ name: 'mine.latent' }),
};

it('a latent that is handed back is not guessed at: it is read as it is', () => {
  const [read] = latentFromRaw(latent, completeHints(latent, {}));
  expect(read).toMatchObject({
    family: 'sdxl',
    dims: latent.dims,
    provenance: { space: 'model', name: 'mine.latent' },
  });
  expect(read!.data).toEqual(latent.data);
  expect(read!.provenance.guesses.filter(({ confidence }) => confidence < 1)).toEqual([]);
});

it("the caller's hints win over what the input says", () => {
  expect(completeHints(latent, { family: 'sd15' })).toMatchObject({ family: 'sd15', space: 'model' });
  const file = new File([], 'a.latent');
  expect([completeHints(file, {}), completeHints(file, { name: 'b' })]).toEqual([
    { name: 'a.latent' },
    { name: 'b' },
  ]);
});
