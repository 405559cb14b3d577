import { expect, it } from 'vitest';
import { sayProgress } from './say-progress';

it('says at most every ten seconds how far a job is, and nothing of a short one', () => {
  const lines: string[] = [];
  let clock = 5_000;
  const tell = sayProgress(
    (line) => lines.push(line),
    () => clock,
  );
  for (let done = 1; done <= 8; done++) {
    clock += 4_000;
    tell({ phase: 'decode', done, total: 8, message: `Decoding, tile ${done} of 8` });
  }
  expect(lines).toEqual(['Decoding, tile 3 of 8 ...', 'Decoding, tile 6 of 8 ...']);
});
