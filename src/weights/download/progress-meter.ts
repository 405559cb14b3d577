import type { CatalogFile, DownloadProgress } from '../types';

/** Milliseconds between reports. Each is a message to the page, and more would not be noticed. */
const INTERVAL = 50;

/** Adds up the progress of a model's files. */
export class ProgressMeter {
  readonly #loaded = new Map<string, number>();
  readonly #totals: Map<string, number>;
  readonly #onProgress: (progress: DownloadProgress) => void;
  #last = Number.NEGATIVE_INFINITY;

  constructor(files: CatalogFile[], onProgress: (progress: DownloadProgress) => void) {
    this.#totals = new Map(files.map(({ path, bytes }) => [path, bytes]));
    this.#onProgress = onProgress;
  }

  /**
   * @param loaded bytes of this file so far; fewer than before if it had to start again
   * @param total bytes in the end, if this is known better than from the catalogue
   */
  update(file: CatalogFile, loaded: number, total = file.bytes): void {
    this.#loaded.set(file.path, loaded);
    this.#totals.set(file.path, total);
    const now = performance.now();
    if (loaded < total && now - this.#last < INTERVAL) return;
    this.#last = now;
    this.#onProgress({
      file: nameOf(file.path),
      loadedBytes: sum(this.#loaded.values()),
      totalBytes: sum(this.#totals.values()),
    });
  }
}

/** The last part of a path or an address. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
