import { defined } from '../../defined';
import { type RecognisedModel, recogniseCheckpoint } from '../../graph';
import { familyFromName } from '../../latent';
import type { ModelPart } from '../types';
import { scaleInName } from './add-model';
import { openBlob } from './byte-source';
import { openCheckpoint, type ReadOptions } from './open-checkpoint';

type Named = Pick<ModelPart, 'namedFamily' | 'namedScale'>;

/**
 * Says which networks a file on this machine holds. Only the header of a safetensors file is read.
 * @param onProgress bytes so far and in the end, of a file that is read whole
 * @throws LeapError `unsupported` for a network that is not known, `too-large`, and what the readers throw
 */
export async function inspectModel(
  file: Blob,
  onProgress?: ReadOptions['onProgress'],
): Promise<(RecognisedModel & Named)[]> {
  const { tensors, metadata } = await openCheckpoint(openBlob(file, 'This file'), { onProgress });
  const name = file instanceof File ? file.name : '';
  return recogniseCheckpoint(tensors, metadata).map((model) => ({ ...model, ...readName(name, model) }));
}

/** What the name says that fits the network. */
function readName(name: string, { families, askScale }: RecognisedModel): Named {
  const scale = scaleInName(name);
  const said = familyFromName(name, (named) => 'family' in named && families.includes(named.family));
  return defined({
    namedFamily: said && 'family' in said ? said.family : undefined,
    namedScale: scale !== undefined && askScale?.includes(scale) ? scale : undefined,
  });
}
