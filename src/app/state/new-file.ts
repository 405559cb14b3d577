import type { LatentInput, ReadHints, Scale } from '../../client';
import type { Choices } from './choice';
import { createItem, type Item, type KeptResult } from './item';

/** A file for the queue; if it was there before, with what was chosen for it then. */
export interface NewFile {
  name: string;
  input: LatentInput;
  hints?: ReadHints;
  scale?: Scale;
  choices?: Choices | undefined;
  spread?: boolean;
  /** What was finished of it before. */
  results?: readonly KeptResult[];
}

/** @param scale where the file has none of its own */
export function itemOf(file: NewFile, scale: Scale): Item {
  const { name, input, hints = {}, choices, spread = false, results = [] } = file;
  const item = createItem(name, input, hints, file.scale ?? scale);
  return { ...item, choicesBefore: choices, resultsBefore: results, spread };
}
