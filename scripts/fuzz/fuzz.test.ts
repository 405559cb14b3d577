import { expect, it } from 'vitest';
import { attackModels } from './hub/attack-models';
import { fuzzAnswers } from './hub/fuzz-answers';
import { fuzzPictures } from './pictures/fuzz-pictures';
import { runFuzz } from './run-fuzz';

// The last line of each: if the mutations were too wild, nothing would be read any more.

// Time is a limit of the command, on a machine that one knows; here linear-work.test.ts counts steps.
it('reads or refuses 8 000 mutated files', () => {
  const { findings, results } = runFuzz(5, 8_000);
  expect(findings.filter(({ result }) => result.startsWith('foreign'))).toEqual([]);
  expect(results.get('read')).toBeGreaterThan(400);
  expect(results.get('damaged-file')).toBeGreaterThan(400);
}, 240_000);

it('reads what 4 000 mutated pictures say of themselves, and refuses those that are too large', async () => {
  const { findings, results } = await fuzzPictures(1, 4_000);
  expect(findings.filter(({ result }) => result.startsWith('foreign'))).toEqual([]);
  for (const result of ['size known', 'size unknown', 'too-large', 'not a picture'])
    expect(results.get(result)).toBeGreaterThan(100);
});

it('takes whole files of one version, or nothing, from 600 hubs and catalogues that answer wrongly', async () => {
  const { findings, results } = await fuzzAnswers(1, 600);
  expect(findings).toEqual([]);
  expect(results.get('fetched')).toBeGreaterThan(200);
  expect(results.get('kept copy')).toBeGreaterThan(30);
  expect(results.get('download-failed')).toBeGreaterThan(30);
}, 120_000);

it('keeps what it says it keeps through 900 operations while network and store fail', async () => {
  const { findings, results } = await attackModels(1, 900);
  expect(findings).toEqual([]);
  expect(results.get('done')).toBeGreaterThan(400);
  expect(results.get('added')).toBeGreaterThan(10);
}, 120_000);
