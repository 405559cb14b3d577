import { defined } from '../../defined';
import type { Engine, EngineEncodeOptions } from '../../engine/api';
import { FAMILIES, FAMILY_IDS, GRAPH_KEYS, readComfyGraphs } from '../../latent';
import type { FamilyId, Guess, Latent, ReadHints } from '../../latent/types';
import { readPngTexts } from '../../picture';
import { decodePicture } from './decode-picture';

/** Its latents keep most of a picture, at a size that every device manages. */
const DEFAULT_FAMILY: FamilyId = 'flux1';

/**
 * A picture as a latent of the family asked for.
 * @throws LeapError `damaged-file`, `too-large`, `no-model`, and what the engine throws
 */
export async function encodeInput(
  engine: Engine,
  picture: Blob | ImageData,
  hints: ReadHints,
  listeners: Pick<EngineEncodeOptions, 'signal' | 'onProgress'>,
): Promise<Latent> {
  const family = hints.family ?? DEFAULT_FAMILY;
  const latent = await engine.encode(await decodePicture(picture), {
    ...listeners,
    family,
    ...defined({ name: hints.name }),
  });
  const graphs = picture instanceof Blob && readComfyGraphs(await readPngTexts(picture, GRAPH_KEYS));
  if (graphs) latent.provenance.graphs = graphs;
  latent.provenance.guesses.push(familyGuess(family, hints.family !== undefined));
  return latent;
}

function familyGuess(value: FamilyId, chosen: boolean): Guess {
  const others = FAMILY_IDS.filter((id) => id !== value);
  return {
    what: 'family',
    value,
    confidence: 1,
    reason: chosen
      ? 'You chose it.'
      : 'A picture can be encoded for any family; this one keeps most of its detail for its size.',
    alternatives: others,
    choices: others.map((id) => ({ label: FAMILIES[id].label, hints: { family: id } })),
  };
}
