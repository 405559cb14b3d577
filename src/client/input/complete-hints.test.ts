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

it('hints cannot make another latent of one that was read', () => {
  expect(() => completeHints(latent, { family: 'sd15' })).toThrow(
    /read as one of SDXL.*To have the family sd15/,
  );
  expect(() => completeHints(latent, { space: 'decoder' })).toThrow(/To have the space decoder/);
  expect(completeHints(latent, { family: 'sdxl', name: 'b' })).toMatchObject({ family: 'sdxl', name: 'b' });
});

it("a file's own name is a hint, unless the caller gives one", () => {
  const file = new File([], 'a.latent');
  expect([completeHints(file, {}), completeHints(file, { name: 'b' })]).toEqual([
    { name: 'a.latent' },
    { name: 'b' },
  ]);
});
