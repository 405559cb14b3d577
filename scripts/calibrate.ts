/**
 * Of guesses at each confidence, how many are right: the table of docs/files.md.
 *
 *     npx tsx scripts/calibrate.ts FOLDER
 *
 * FOLDER holds what training/make_calibration.py wrote. The readers see the values alone, without names.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTensorFile } from '../src/formats';
import { isFamilyId, readLatents } from '../src/latent';
import type { Guess } from '../src/latent/types';

/** Lower ends; the last ends at 1. */
const BINS = [0, 0.3, 0.5, 0.7, 0.85, 0.9];

interface Tally {
  files: number;
  right: number;
}

const tables = new Map<string, Tally[]>();

function count(table: string, { confidence }: Guess, right: boolean): void {
  const bins = tables.get(table) ?? BINS.map(() => ({ files: 0, right: 0 }));
  tables.set(table, bins);
  const tally = bins[BINS.findLastIndex((least) => confidence >= least - 1e-9)]!;
  tally.files++;
  if (right) tally.right++;
}

const folder = process.argv[2]!;
for (const file of readdirSync(folder)) {
  const [, family, space] = /^\d+_([a-z0-9]+)_([a-z]+)\.npy$/.exec(file) ?? [];
  if (!family || !space) continue;
  const [latent] = readLatents(readTensorFile(new Uint8Array(readFileSync(join(folder, file)))));
  for (const guess of latent!.provenance.guesses) {
    const known = isFamilyId(family);
    if (guess.what === 'family')
      count(
        known ? 'family' : `family, of stand-ins for ${family}, ${space} space`,
        guess,
        guess.value === family,
      );
    if (guess.what === 'space' && known) count('space', guess, guess.value === space);
  }
}
for (const [table, bins] of tables) {
  console.log(table);
  bins.forEach(({ files, right }, at) => {
    if (files === 0) return;
    const range = `${BINS[at]} to ${BINS[at + 1] ?? 1}`;
    console.log(`  ${range}: ${files} guesses, ${((100 * right) / files).toFixed(1)} % right`);
  });
}
