import { LeapError } from '../../errors';
import type { TensorEntry } from '../../formats/types';
import type { WeightsFile } from '../types';

/** A tensor of a weights file, and the file it lies in. */
export interface PlacedTensor extends TensorEntry {
  path: string;
}

/** The tensors of one or more weights files under one name each; a later file wins where names repeat. */
export class WeightsTable {
  readonly #tensors = new Map<string, PlacedTensor>();
  readonly metadata: Record<string, string>[];

  constructor(files: WeightsFile[]) {
    for (const { path, header } of files) {
      for (const [name, entry] of header.entries) this.#tensors.set(name, { ...entry, path });
    }
    this.metadata = files.map((file) => file.header.metadata);
  }

  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * @param shape expected shape, checked when given
   * @throws LeapError `bad-weights` when the tensor is missing or has another shape
   */
  get(name: string, shape?: number[]): PlacedTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new LeapError('bad-weights', `The weights lack the tensor ${name}.`, { tensor: name });
    if (
      shape &&
      (shape.length !== tensor.shape.length || shape.some((size, i) => size !== tensor.shape[i]))
    ) {
      throw new LeapError(
        'bad-weights',
        `The tensor ${name} has the shape [${tensor.shape}], expected [${shape}].`,
        { tensor: name, shape: tensor.shape, expected: shape },
      );
    }
    return tensor;
  }

  /** A view of the tensors whose names start with one of the prefixes, under the rest of their names. */
  under(...prefixes: string[]): WeightsTable {
    const view = new WeightsTable([]);
    view.metadata.push(...this.metadata);
    for (const prefix of prefixes) {
      for (const [name, tensor] of this.#tensors) {
        if (name.startsWith(prefix)) view.#tensors.set(name.slice(prefix.length), tensor);
      }
    }
    return view;
  }

  /** How many consecutive indices 0, 1, ... exist with a name `${prefix}${index}${suffix}`. */
  count(prefix: string, suffix: string): number {
    let index = 0;
    while (this.has(`${prefix}${index}${suffix}`)) index++;
    return index;
  }
}

/**
 * The configuration object that our own files carry in the metadata key `latent_leap`.
 *
 * @param kind only metadata of this kind counts
 * @returns undefined when no file has such metadata
 * @throws LeapError `bad-weights` when the metadata is not a JSON object
 */
export function readLeapMetadata(table: WeightsTable, kind: string): Record<string, unknown> | undefined {
  for (const metadata of table.metadata) {
    const text = metadata.latent_leap;
    if (text === undefined) continue;
    const parsed = parseObject(text);
    const config = parsed.config;
    if (parsed.kind === kind && typeof config === 'object' && config !== null) {
      return config as Record<string, unknown>;
    }
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LeapError('bad-weights', 'The latent_leap metadata is not JSON.', {}, { cause });
  }
  if (typeof value !== 'object' || value === null) {
    throw new LeapError('bad-weights', 'The latent_leap metadata is not an object.');
  }
  return value as Record<string, unknown>;
}
