import type { CatalogEntry, DownloadProgress } from '../../weights/types';
import type { Progress } from '../types';

interface Share {
  loaded: number;
  /** 0 while it is not known. */
  total: number;
}

/** Adds up the downloads of the models that a job needs, which follow each other. */
export class DownloadSum {
  readonly #shares: Map<string, Share>;
  readonly #onProgress: (progress: Progress) => void;

  constructor(entries: CatalogEntry[], onProgress: (progress: Progress) => void) {
    this.#shares = new Map(
      entries.map(({ id, files }) => [id, { loaded: 0, total: sum(files.map(({ bytes }) => bytes)) }]),
    );
    this.#onProgress = onProgress;
  }

  /** What is told of one model's files. */
  update({ id }: CatalogEntry, { file, loadedBytes, totalBytes }: DownloadProgress): void {
    this.#shares.set(id, { loaded: loadedBytes, total: totalBytes });
    const shares = [...this.#shares.values()];
    const known = shares.every(({ total }) => total > 0);
    this.#onProgress({
      phase: 'download',
      done: sum(shares.map(({ loaded }) => loaded)),
      total: known ? sum(shares.map(({ total }) => total)) : 0,
      message: `Loading ${file}`,
    });
  }
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
