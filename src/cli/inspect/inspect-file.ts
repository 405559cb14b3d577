import type { ErrorCode } from '../../errors';
import { MAX_FILE_BYTES } from '../../formats';
import type { RecognisedModel } from '../../graph';
import type { FamilyId, Guess, ReadHints, Space } from '../../latent/types';
import { findNetworks, type Networks } from '../input/find-networks';
import { sizeOf } from '../input/read-bytes';
import { readLatentFile } from '../input/read-latent-file';
import { explainSystem } from '../system/explain-system';

/** What was understood of a file. `inspect --json` prints it as one line. */
export interface Inspection {
  file: string;
  latents: {
    family: FamilyId;
    space: Space;
    /** [C, H, W] in latent positions. */
    dims: [number, number, number];
    writer: string;
    tensor: string;
    /** Its number in its batch, counted from 1, as the option `--item` takes it. */
    item: number;
    guesses: Pick<Guess, 'what' | 'value' | 'confidence' | 'reason' | 'alternatives' | 'choices'>[];
    /** What else the file holds, in sentences. */
    remarks: string[];
  }[];
  models: Omit<RecognisedModel, 'keep'>[];
  error?: { code: ErrorCode; message: string };
}

/** Reads a file without computing anything. Never throws: a file that is refused has its `error`. */
export async function inspectFile(file: string, hints: ReadHints): Promise<Inspection> {
  const found: Inspection = { file, latents: [], models: [] };
  try {
    const size = await sizeOf(file);
    // Only the header of a checkpoint is read, however large the file is.
    const networks = await findNetworks(file);
    if (networks.models.length > 0 && hints.tensor === undefined) {
      found.models = networks.models.map(({ keep: _, ...model }) => model);
      return found;
    }
    if (size > MAX_FILE_BYTES && networks.refusal) throw networks.refusal;
    found.latents = await inspectLatents(file, hints, networks);
  } catch (thrown) {
    const { code, message } = explainSystem(thrown);
    found.error = { code, message };
  }
  return found;
}

async function inspectLatents(
  file: string,
  hints: ReadHints,
  networks: Networks,
): Promise<Inspection['latents']> {
  const latents = await readLatentFile(file, hints, networks);
  return latents.map(({ family, dims, provenance }) => ({
    family,
    space: provenance.space,
    dims,
    writer: provenance.writer,
    tensor: provenance.tensor,
    item: provenance.item + 1,
    remarks: provenance.remarks ?? [],
    guesses: provenance.guesses.map((guess) => ({
      ...guess,
      confidence: Number(guess.confidence.toFixed(3)),
    })),
  }));
}
