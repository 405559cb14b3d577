import { defined } from '../../defined';
import type { Engine, EngineEncodeOptions } from '../../engine/api';
import { FAMILIES, FAMILY_IDS, GRAPH_KEYS, readComfyGraphs } from '../../latent';
import type { FamilyId, Guess, Latent, ReadHints } from '../../latent/types';
import { readPngTexts } from '../../picture';
import type { Catalog } from '../../weights/types';
import { decodePicture } from './decode-picture';

/** By the perceptual distance of what their latents show from the photograph: docs/benchmarks.md has the table. */
const NEAREST_FIRST: readonly FamilyId[] = ['flux2', 'sd3', 'flux1', 'sdxl', 'sd15'];

/**
 * A picture as a latent of the family asked for, else of the one whose embedded encoder keeps it best.
 * @param catalog says which encoders there are
 * @throws LeapError `damaged-file`, `too-large`, `no-model`, and what the engine throws
 */
export async function encodeInput(
  engine: Engine,
  catalog: Catalog,
  picture: Blob | ImageData,
  hints: ReadHints,
  listeners: Pick<EngineEncodeOptions, 'signal' | 'onProgress'>,
): Promise<Latent> {
  const family = hints.family ?? chooseFamily(catalog);
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

/** @returns the first of all families where no encoder is embedded: the engine then says what is missing */
function chooseFamily({ models }: Catalog): FamilyId {
  const hasEncoder = (id: FamilyId) =>
    models.some(({ kind, family, embedded }) => kind === 'encoder' && family === id && embedded);
  return NEAREST_FIRST.find(hasEncoder) ?? NEAREST_FIRST[0]!;
}

function familyGuess(value: FamilyId, chosen: boolean): Guess {
  const others = FAMILY_IDS.filter((id) => id !== value);
  return {
    what: 'family',
    value,
    confidence: 1,
    reason: chosen
      ? 'You chose it.'
      : 'A picture can be encoded for any family; of those that are here, pictures of this one look nearest to the photograph.',
    alternatives: others,
    choices: others.map((id) => ({ label: FAMILIES[id].label, hints: { family: id } })),
  };
}
