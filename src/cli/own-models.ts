import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ModelKind } from '../graph/types';
import type { FamilyId } from '../latent/types';
import type { ManagedWeights } from '../weights/types';

/** Checkpoints that the command line names by their path. They are added for the time of the command. */
export class OwnModels {
  readonly #weights: ManagedWeights;
  readonly #added = new Map<string, Promise<string>>();

  constructor(weights: ManagedWeights) {
    this.#weights = weights;
  }

  /**
   * The id of a model: of the catalogue, or of the file of that name, if there is one.
   * @throws LeapError what adding a model throws; the file system's error
   */
  async find(name: string, kind: ModelKind, family: FamilyId): Promise<string> {
    const isFile = await stat(name).then(
      (stats) => stats.isFile(),
      () => false,
    );
    if (!isFile) return name;
    const key = `${kind} ${family} ${name}`;
    const adding = this.#added.get(key) ?? this.#add(name, kind, family);
    this.#added.set(key, adding);
    return adding;
  }

  /** Forgets what was added. */
  async close(): Promise<void> {
    for (const adding of this.#added.values()) {
      const id = await adding.catch(() => undefined);
      if (id !== undefined) await this.#weights.remove(id);
    }
  }

  async #add(path: string, kind: ModelKind, family: FamilyId): Promise<string> {
    const { id } = await this.#weights.add(await openAsBlob(path), { family, kind, label: path });
    return id;
  }
}
