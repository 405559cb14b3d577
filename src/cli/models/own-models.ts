import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { ModelKind } from '../../graph/types';
import type { FamilyId } from '../../latent/types';
import { inspectModel, scaleInName } from '../../weights/index';
import type { ManagedWeights } from '../../weights/types';

/** Checkpoints that the command line names by their path. They are added for the time of the command. */
export class OwnModels {
  readonly #weights: ManagedWeights;
  readonly #added = new Map<string, Promise<string>>();

  constructor(weights: ManagedWeights) {
    this.#weights = weights;
  }

  /**
   * The id of a model: of the file with that name if there is one, else of the catalogue.
   * @param scale the factor of an upscaler whose file does not tell it
   * @throws LeapError what adding a model throws, or the file system's error
   */
  async find(name: string, kind: ModelKind, family: FamilyId, scale?: number): Promise<string> {
    if (!(await isFile(name))) return name;
    const key = `${kind} ${family} ${name}`;
    const adding = this.#added.get(key) ?? this.#add(name, kind, family, scale);
    this.#added.set(key, adding);
    return adding;
  }

  /**
   * Whether an upscaler, which is an id of the catalogue or a file, enlarges latents or pictures.
   * @throws LeapError `bad-option` if it is not an upscaler, and what inspecting a model throws
   */
  async kindOfUpscaler(name: string): Promise<'lua' | 'enlarger'> {
    const entry = this.#weights.catalog.models.find(({ id }) => id === name);
    const file = !entry && (await isFile(name));
    if (!entry && !file) {
      const message = `--method must be lua, bicubic, pixels, the id of an upscaler, or a file. No model or file is called ${name}.`;
      throw new LeapError('bad-option', message);
    }
    const kinds = entry ? [entry.kind] : (await inspectModel(await openAsBlob(name))).map(({ kind }) => kind);
    const kind = kinds.find((one) => one === 'lua' || one === 'enlarger');
    if (kind) return kind;
    throw new LeapError('bad-option', `${name} does not hold an upscaler.`, { kinds });
  }

  /** Forgets what was added. */
  async close(): Promise<void> {
    for (const adding of this.#added.values()) {
      const id = await adding.catch(() => undefined);
      if (id !== undefined) await this.#weights.remove(id);
    }
  }

  async #add(path: string, kind: ModelKind, family: FamilyId, scale?: number): Promise<string> {
    const name = basename(path);
    const file = new File([await openAsBlob(path)], name);
    // What a name says comes before a scale that nobody may have asked for.
    const wish = defined({ family, kind, label: path, scale: scaleInName(name) ?? scale });
    return (await this.#weights.add(file, wish)).id;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
