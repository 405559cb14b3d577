import { defined } from '../defined';
import { LeapError, throwIfAborted } from '../errors';
import { expectNetwork } from './checkpoint/expect-network';
import { isExact } from './checkpoint/is-exact';
import { downloadFile } from './download/download-file';
import { type FetchHubOptions, fetchHubFile } from './download/fetch-hub-file';
import { explainGate } from './download/hub-address';
import type { OpenWeightsOptions } from './open-weights-options';
import { sha256 } from './sha256';
import { fileKey, isStoredWhole } from './store/file-key';
import type { ModelNotes } from './store/model-notes';
import { PartialDownload } from './store/partial-download';
import type { WeightsCache } from './store/weights-cache';
import type { CatalogEntry, CatalogFile } from './types';

/** Bytes of a file, so far and in the end. */
export interface FileProgress {
  loaded: number;
  total: number;
}

/** One file of a model: from the cache, or from its server and then into the cache. */
export class FileLoader {
  readonly #options: OpenWeightsOptions;
  readonly #cache: WeightsCache;
  readonly #notes: ModelNotes;

  constructor(options: OpenWeightsOptions, cache: WeightsCache, notes: ModelNotes) {
    this.#options = options;
    this.#cache = cache;
    this.#notes = notes;
  }

  /** The key of the stored copy; undefined where nothing was made of the file yet. */
  storedAs(file: CatalogFile): string | undefined {
    return isStoredWhole(file) ? file.sha256 : this.#notes.records.get(fileKey(file))?.digest;
  }

  /** What is kept of a download of this file that was broken off. */
  async openPartial(file: CatalogFile): Promise<PartialDownload> {
    return new PartialDownload(this.#options.store, await sha256(new TextEncoder().encode(fileKey(file))));
  }

  async load(
    file: CatalogFile,
    entry: CatalogEntry,
    signal: AbortSignal,
    report: (progress: FileProgress) => void,
  ): Promise<Uint8Array> {
    const key = this.storedAs(file);
    const bytes =
      key === undefined ? file.bytes : (this.#notes.records.get(fileKey(file))?.bytes ?? file.bytes);
    const stored = key && (await this.#cache.read({ path: file.path, bytes, sha256: key }));
    throwIfAborted(signal);
    if (stored) {
      report({ loaded: stored.length, total: stored.length });
      await this.#touch(file);
      return stored;
    }
    if (this.#notes.added.has(entry.id)) {
      const message = `${entry.label} is no longer stored here; remove it and add its file again.`;
      throw new LeapError('no-model', message, { id: entry.id, complete: true });
    }
    return isStoredWhole(file)
      ? this.#fetchWhole(file, signal, report)
      : this.#fetchFromHub(file, entry, signal, report);
  }

  async #fetchWhole(
    file: CatalogFile & { sha256: string },
    signal: AbortSignal,
    report: (progress: FileProgress) => void,
  ): Promise<Uint8Array> {
    const { catalogUrl, fetch } = this.#options;
    const bytes = await downloadFile(new URL(file.path, catalogUrl).href, {
      bytes: file.bytes || undefined,
      sha256: file.sha256,
      signal,
      onProgress: (loaded) => report({ loaded, total: file.bytes }),
      fetch,
    });
    await this.#cache.keep({ path: file.path, bytes: bytes.length, sha256: file.sha256 }, bytes);
    return bytes;
  }

  async #fetchFromHub(
    file: CatalogFile,
    entry: CatalogEntry,
    signal: AbortSignal,
    report: (progress: FileProgress) => void,
  ): Promise<Uint8Array> {
    const { catalogUrl, fetch } = this.#options;
    const key = fileKey(file);
    const partial = await this.openPartial(file);
    const isWholeModel = entry.files.length === 1;
    const check: FetchHubOptions['check'] = (tensors, metadata) => expectNetwork(tensors, metadata, entry);
    try {
      const { bytes, digest, fileBytes, revision } = await fetchHubFile(
        new URL(file.path, catalogUrl).href,
        file,
        {
          fetch,
          signal,
          onProgress: (loaded, total) => report({ loaded, total }),
          exact: isExact(entry),
          partial,
          ...defined({ check: isWholeModel ? check : undefined }),
        },
      );
      await partial.drop();
      await this.#cache.keep({ path: file.path, bytes: bytes.length, sha256: digest }, bytes);
      const usedAt = Date.now();
      const record = { digest, bytes: bytes.length, fileBytes, usedAt, ...defined({ revision }) };
      await this.#notes.record(key, record);
      return bytes;
    } catch (thrown) {
      throw explainGated(thrown, entry);
    }
  }

  /** Notes that a file was used: what was used longest ago is deleted first. */
  async #touch(file: CatalogFile): Promise<void> {
    const record = this.#notes.records.get(fileKey(file));
    if (record) await this.#notes.record(fileKey(file), { ...record, usedAt: Date.now() });
  }
}

/** Without an answer that a browser may read, a gated file looks like a broken connection. */
function explainGated(thrown: unknown, { gated, page }: CatalogEntry): unknown {
  const unread =
    thrown instanceof LeapError && thrown.code === 'download-failed' && thrown.detail.status === undefined;
  return gated && page && unread && globalThis.navigator?.onLine !== false
    ? explainGate(page, thrown.detail)
    : thrown;
}
