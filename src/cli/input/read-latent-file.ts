import { basename } from 'node:path';
import { readTensorFile } from '../../formats';
import { readLatents } from '../../latent';
import type { Latent, ReadHints } from '../../latent/types';
import { explainSystem } from '../system/explain-system';
import { explainReading } from './explain-reading';
import { type Networks, refuseNetworks } from './find-networks';
import { readBytes } from './read-bytes';

/**
 * The latents of a file in which networks were looked for.
 * @throws LeapError that names the options which decide it
 */
export async function readLatentFile(path: string, hints: ReadHints, networks: Networks): Promise<Latent[]> {
  refuseNetworks(networks, hints);
  try {
    return readLatents(readTensorFile(await readBytes(path)), { name: basename(path), ...hints });
  } catch (thrown) {
    throw explainReading(explainSystem(thrown), networks);
  }
}
