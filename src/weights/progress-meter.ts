import type { CatalogFile, DownloadProgress } from './types';

/** Milliseconds between reports: as often as anyone can see, and a message to the page each. */
const INTERVAL = 50;

/** Adds up the progress of a model's files. */
export class ProgressMeter {
  readonly #loaded = new Map<string, number>();
  readonly #totalBytes: number;
  readonly #onProgress: (progress: DownloadProgress) => void;
  #last = Number.NEGATIVE_INFINITY;

  constructor(files: CatalogFile[], onProgress: (progress: DownloadProgress) => void) {
    this.#totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#onProgress = onProgress;
  }

  /** @param loaded bytes of this file that are here by now; fewer than before when it had to start again */
  update(file: CatalogFile, loaded: number): void {
    this.#loaded.set(file.path, loaded);
    const now = performance.now();
    if (loaded < file.bytes && now - this.#last < INTERVAL) return;
    this.#last = now;
    const loadedBytes = [...this.#loaded.values()].reduce((sum, bytes) => sum + bytes, 0);
    this.#onProgress({ file: file.path, loadedBytes, totalBytes: this.#totalBytes });
  }
}
