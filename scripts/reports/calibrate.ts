/**
 * How many guesses at each confidence are right: the rows of the tables of docs/files.md, which
 * `src/latent/recognise/calibration.test.ts` compares with what this measures.
 *
 *     npx tsx scripts/reports/calibrate.ts
 */
import { measureCalibration } from '../../src/testing/latent/calibration';
import { toTables } from '../../src/testing/latent/calibration-tables';

for (const row of toTables(measureCalibration())) console.log(row);
