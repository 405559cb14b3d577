import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureCalibration } from '../../testing/latent/calibration';
import { toTables } from '../../testing/latent/calibration-tables';
import { SURE } from '../types';

describe('confidences, measured on made latents', () => {
  const measured = measureCalibration();
  const sure = (judged: typeof measured.family) => judged.filter(({ confidence }) => confidence >= SURE);

  it('are as docs/files.md says (npx tsx scripts/reports/calibrate.ts prints its rows)', () => {
    const document = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8').split('\n');
    for (const row of toTables(measured)) expect(document).toContain(row);
  });

  it.each(['family', 'space'] as const)('99 of 100 sure guesses at a %s are right', (what) => {
    const guesses = sure(measured[what]);
    expect(guesses.length).toBeGreaterThan(measured[what].length / 2);
    expect(guesses.filter(({ right }) => right).length / guesses.length).toBeGreaterThan(0.99);
  });

  it('below 0.1 are nearly all of families that are not read, as docs/files.md says', () => {
    const unlikely = (judged: typeof measured.family) =>
      judged.filter(({ confidence }) => confidence < 0.1).length;
    expect(unlikely(measured.family)).toBe(1);
    const { cascade: _, playground: __, ...others } = measured.standIns;
    expect(unlikely(Object.values(others).flat())).toBe(900);
  });

  it.each(Object.keys(measured.standIns))(
    'a latent of %s, which is not read, is never a sure guess',
    (name) => {
      expect(measured.standIns[name]).toHaveLength(180);
      expect(sure(measured.standIns[name]!)).toEqual([]);
    },
  );
});
