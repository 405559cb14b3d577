/**
 * The tensors of every file of a folder as the reader finds them, an object a line; for training/references/compare_torch_load.py.
 *
 *     npx tsx scripts/reports/list-tensors.ts FOLDER
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTensorFile } from '../../src/formats';

const folder = process.argv[2]!;
for (const file of readdirSync(folder)) {
  try {
    const tensors = readTensorFile(new Uint8Array(readFileSync(join(folder, file)))).tensors.map(
      ({ name, dtype, shape, bytes }) => {
        return { name, dtype, shape, sha256: createHash('sha256').update(bytes).digest('hex') };
      },
    );
    console.log(JSON.stringify({ file, tensors }));
  } catch (thrown) {
    console.log(JSON.stringify({ file, error: String(thrown) }));
  }
}
