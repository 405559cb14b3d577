import { LeapError } from '../../errors';
import { downloadFile } from '../download/download-file';
import type { OpenWeightsOptions } from '../open-weights-options';
import { sha256 } from '../sha256';
import { noteKey } from '../store/store-keys';
import type { Catalog, WeightsStore } from '../types';
import { parseCatalog } from './parse-catalog';

/** A catalogue of a thousand models has less. */
const MAX_CATALOG_BYTES = 2 ** 22;
/** Where there is a kept copy, a server that does not answer is asked once more at most. */
const RETRIES_WITH_COPY = 1;

/**
 * Fetches the catalogue and keeps it. When nothing comes, or something that is not understood (a web page, another
 * version), the catalogue of the last visit is used, and a notice says so.
 *
 * @throws LeapError `download-failed`, `damaged-file`, `unsupported`, when no copy was kept either
 */
export async function openCatalog(options: OpenWeightsOptions): Promise<Catalog> {
  const { catalogUrl, fetch, store, onNotice } = options;
  // A catalogue on disk has no earlier copy.
  const copy = /^https?:/.test(catalogUrl) ? new KeptCatalog(store, catalogUrl) : undefined;
  const kept = await copy?.read();
  try {
    const bytes = await downloadFile(catalogUrl, {
      maxBytes: MAX_CATALOG_BYTES,
      fetch,
      retries: kept ? RETRIES_WITH_COPY : undefined,
    });
    const text = new TextDecoder().decode(bytes);
    const catalog = readCatalog(text, catalogUrl);
    if (text !== kept) await copy?.write(text);
    return catalog;
  } catch (thrown) {
    if (!kept || !(thrown instanceof LeapError)) throw thrown;
    const catalog = readCatalog(kept, catalogUrl);
    onNotice?.({
      code: 'old-catalog',
      message: `The list of models could not be read, so the one of an earlier visit is used. ${thrown.message}`,
    });
    return catalog;
  }
}

function readCatalog(text: string, url: string): Catalog {
  return parseCatalog(parseJson(text, url), url, (reason) =>
    console.warn(`A model of ${url} was left out. ${reason.message}`),
  );
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LeapError('damaged-file', `The catalogue ${url} is not valid JSON.`, { url }, { cause });
  }
}

/** The last catalogue of an address that was understood. Only a help: a store that fails is as if it were empty. */
class KeptCatalog {
  readonly #store: WeightsStore;
  readonly #url: string;

  constructor(store: WeightsStore, url: string) {
    this.#store = store;
    this.#url = url;
  }

  async read(): Promise<string | undefined> {
    try {
      const bytes = await this.#store.get(await this.#key());
      return bytes && new TextDecoder().decode(bytes);
    } catch {
      return undefined;
    }
  }

  async write(text: string): Promise<void> {
    try {
      await this.#store.set(await this.#key(), new TextEncoder().encode(text));
    } catch {
      // Fetched again on the next visit.
    }
  }

  async #key(): Promise<string> {
    return noteKey('catalog', await sha256(new TextEncoder().encode(this.#url)));
  }
}
