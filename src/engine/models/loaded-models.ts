import { defined } from '../../defined';
import type { FamilyId } from '../../latent/types';
import type { CatalogEntry, ModelKind, WeightsSource } from '../../weights/types';
import type { Progress } from '../types';
import { chooseModel } from './choose-model';
import { type LoadedModel, loadModel } from './load-model';

/** The number of models whose bytes are kept, for sessions of other tile shapes. */
const MAX_MODELS = 4;

export interface LoadModelOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Models by catalogue id, as long as their files are the same. The one that was loaded first is dropped first. */
export class LoadedModels {
  readonly #source: WeightsSource;
  readonly #models = new Map<string, LoadedModel>();

  constructor(source: WeightsSource) {
    this.#source = source;
  }

  /** @throws LeapError `no-model` */
  choose(kind: ModelKind, family: FamilyId, wish: { id?: string | undefined; scale?: number }): CatalogEntry {
    return chooseModel(this.#source.catalog, kind, family, wish);
  }

  /** @throws LeapError of the weights source */
  async load(entry: CatalogEntry, { signal, onProgress }: LoadModelOptions): Promise<LoadedModel> {
    const known = this.#models.get(entry.id);
    const version = this.#source.version(entry);
    // A model whose files were deleted meanwhile still works, until newer files have been fetched.
    if (known && (version === undefined || version === known.version)) return known;
    const model = await loadModel(this.#source, entry, {
      ...defined({ signal }),
      onProgress: ({ file, loadedBytes, totalBytes }) =>
        onProgress?.({ phase: 'download', done: loadedBytes, total: totalBytes, message: `Loading ${file}` }),
    });
    this.#models.delete(entry.id);
    if (this.#models.size >= MAX_MODELS) this.#models.delete(this.#models.keys().next().value!);
    this.#models.set(entry.id, model);
    return model;
  }
}
