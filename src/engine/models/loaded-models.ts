import { defined } from '../../defined';
import type { Catalog, CatalogEntry, DownloadProgress, WeightsSource } from '../../weights/types';
import type { Progress } from '../types';
import { DownloadSum } from './download-sum';
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

  /** What may be chosen now. */
  get catalog(): Catalog {
    return this.#source.catalog;
  }

  /** @throws LeapError of the weights source */
  async load(entry: CatalogEntry, options: LoadModelOptions): Promise<LoadedModel> {
    return (await this.loadAll([entry], options))[0]!;
  }

  /**
   * One after the other; the progress is that of all.
   * @throws LeapError of the weights source
   */
  async loadAll(entries: CatalogEntry[], { signal, onProgress }: LoadModelOptions): Promise<LoadedModel[]> {
    const missing = entries.filter((entry) => !this.#find(entry));
    const sum = new DownloadSum(missing, (progress) => onProgress?.(progress));
    const models: LoadedModel[] = [];
    for (const entry of entries) {
      const options = {
        ...defined({ signal }),
        onProgress: (progress: DownloadProgress) => sum.update(entry, progress),
      };
      models.push(this.#find(entry) ?? this.#keep(await loadModel(this.#source, entry, options)));
    }
    return models;
  }

  /** A model whose files were deleted meanwhile still works, until newer files have been fetched. */
  #find(entry: CatalogEntry): LoadedModel | undefined {
    const known = this.#models.get(entry.id);
    const version = this.#source.version(entry);
    return version === undefined || version === known?.version ? known : undefined;
  }

  #keep(model: LoadedModel): LoadedModel {
    const { id } = model.entry;
    this.#models.delete(id);
    if (this.#models.size >= MAX_MODELS) this.#models.delete(this.#models.keys().next().value!);
    this.#models.set(id, model);
    return model;
  }
}
