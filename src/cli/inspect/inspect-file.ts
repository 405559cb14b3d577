import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { ErrorCode } from '../../errors';
import { MAX_FILE_BYTES, readTensorFile } from '../../formats';
import type { RecognisedModel } from '../../graph';
import { readLatents } from '../../latent';
import type { FamilyId, Guess, ReadHints, Space } from '../../latent/types';
import { inspectModel } from '../../weights';
import { explainSystem } from '../explain-system';
import { explainReading } from '../input/explain-reading';
import { readInput, sizeOf } from '../input/read-input';

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
    /** Its number in its batch, counted from 0. */
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
    if ((await sizeOf(file)) <= MAX_FILE_BYTES) {
      found.latents = await inspectLatents(file, hints);
      return found;
    }
  } catch (thrown) {
    const { code, message } = await explainReading(explainSystem(thrown), file).catch(explainSystem);
    found.error = { code, message };
  }
  if (found.error?.code === 'file-refused') return found;
  // Only the header of a checkpoint is read, however large the file is.
  try {
    found.models = (await findModels(file)).map(({ keep: _, ...model }) => model);
    delete found.error;
  } catch (thrown) {
    const { code, message } = explainSystem(thrown);
    found.error ??= { code, message };
  }
  return found;
}

async function inspectLatents(file: string, hints: ReadHints): Promise<Inspection['latents']> {
  const latents = readLatents(readTensorFile(await readInput(file)), { name: basename(file), ...hints });
  return latents.map(({ family, dims, provenance }) => ({
    family,
    space: provenance.space,
    dims,
    writer: provenance.writer,
    tensor: provenance.tensor,
    item: provenance.item,
    remarks: provenance.remarks ?? [],
    guesses: provenance.guesses.map((guess) => ({
      ...guess,
      confidence: Number(guess.confidence.toFixed(3)),
    })),
  }));
}

async function findModels(file: string): Promise<RecognisedModel[]> {
  return inspectModel(await openAsBlob(file));
}
