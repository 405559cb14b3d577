/**
 * Runs the library for long, and takes its devices and workers away.
 *
 *     npm run soak [-- --jobs 200 --cancels 100 --queued 50 --workers 20 --devices 300]
 *
 * Prints how often each thing was done, and how often it ended as it should. Exits with 1 when anything did not.
 */
import { parseArgs } from 'node:util';
import { soakDevices } from './soak-devices';
import { soakPage } from './soak-page';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '200' },
    cancels: { type: 'string', default: '100' },
    queued: { type: 'string', default: '50' },
    workers: { type: 'string', default: '20' },
    devices: { type: 'string', default: '300' },
  },
});
const [jobs, cancels, queued, workers, devices] = [
  values.jobs,
  values.cancels,
  values.queued,
  values.workers,
  values.devices,
].map(Number) as [number, number, number, number, number];

const { memory, rows } = await soakPage(jobs, cancels, queued, workers);
for (const { what, count, right } of rows) console.log(`${what}: ${right} of ${count} as they should be`);
console.log(`memory of the browser after every 40 jobs, in MB: ${memory.join(', ')}`);
const { faults, right, refused, wrong } = await soakDevices(devices);
console.log(
  `jobs on failing devices: ${devices}, with ${faults} faults; ${right} right, ${refused} refused with a code`,
);
for (const line of wrong) console.log(`  ${line}`);
process.exitCode = wrong.length > 0 || rows.some(({ count, right }) => right < count) ? 1 : 0;
