import { LeapError } from '../errors';
import { parseCatalog } from './catalog/parse-catalog';
import { CatalogWeights } from './catalog-weights';
import type { Recognise } from './checkpoint/recognise';
import { downloadFile, type Fetch } from './download/download-file';
import type { ManagedWeights, WeightsNotice, WeightsStore } from './types';

/** A catalogue of a thousand models has less. */
const MAX_CATALOG_BYTES = 2 ** 22;

export interface OpenWeightsOptions {
  /** Absolute address of `catalog.json`; the files' paths are relative to it. */
  catalogUrl: string;
  store: WeightsStore;
  /** Reads from a checkpoint's tensors which network it is; without it only the catalogue's own files are loaded. */
  recognise?: Recognise;
  /** Further origins that models may be added from. */
  hosts?: string[];
  fetch?: Fetch;
  onNotice?: (notice: WeightsNotice) => void;
}

/**
 * Reads the catalogue; the models themselves are fetched when they are first loaded.
 * @throws LeapError `download-failed`, `damaged-file`
 */
export async function openWeights(options: OpenWeightsOptions): Promise<ManagedWeights> {
  const { catalogUrl, fetch } = options;
  const bytes = await downloadFile(catalogUrl, { maxBytes: MAX_CATALOG_BYTES, ...(fetch ? { fetch } : {}) });
  return CatalogWeights.open(parseCatalog(parseJson(bytes, catalogUrl), catalogUrl), options);
}

function parseJson(bytes: Uint8Array, url: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LeapError('damaged-file', `The catalogue ${url} is no JSON.`, { url }, { cause });
  }
}
