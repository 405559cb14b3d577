import 'fake-indexeddb/auto';
import { afterEach, beforeEach } from 'vitest';
import { openWeights } from '../../weights/open-weights';
import type { OpenWeightsOptions } from '../../weights/open-weights-options';
import { createIdbStore } from '../../weights/store/idb-store';
import { noteKindOf } from '../../weights/store/store-keys';
import type { Catalog, CatalogEntry, ManagedWeights, WeightsNotice, WeightsStore } from '../../weights/types';
import { FILE, KEEP, REPO } from './hub-checkpoint';
import type { HubServer } from './hub-server';
import { startVaeHub } from './vae-hub';

/**
 * A hub with a VAE, a catalogue that lists it, and what manages its models on this machine. A test file that imports this
 * has a new one before each test.
 */

export let hub: HubServer;
/** The content address that the hub redirects to. */
export let content: string;
export let notices: WeightsNotice[];
let database: string;

beforeEach(async () => {
  ({ hub, content } = await startVaeHub());
  putCatalog(entry('vae'));
  notices = [];
  database = crypto.randomUUID();
});
afterEach(() => hub.close());

export function putCatalog(...models: CatalogEntry[]): void {
  const catalog: Catalog = { version: 1, models };
  hub.put('/catalog.json', new TextEncoder().encode(JSON.stringify(catalog)), 'application/json');
}

export function entry(id: string, repo = REPO, part: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    id,
    kind: 'decoder',
    architecture: 'kl-decoder',
    label: `Test ${id}`,
    family: 'sdxl',
    space: 'decoder',
    files: [{ path: `${hub.origin}/${repo}/resolve/main/${FILE}`, bytes: 0, keep: KEEP }],
    embedded: false,
    licence: 'none',
    source: 'made for a test',
    page: `${hub.origin}/${repo}`,
    graphs: [],
    ...part,
  };
}

export const idb = (): WeightsStore => createIdbStore({ database, chunkBytes: 256 * 1024 });
export const open = (
  store: WeightsStore = idb(),
  options: Partial<OpenWeightsOptions> = {},
): Promise<ManagedWeights> =>
  openWeights({
    catalogUrl: `${hub.origin}/catalog.json`,
    store,
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
/** Keys of the store, without that of the kept catalogue. */
export const storedKeys = async (store: WeightsStore) =>
  [...(await store.sizes()).keys()].filter((key) => noteKindOf(key) !== 'catalog');
export const statusOf = async (weights: ManagedWeights, id: string) =>
  (await weights.status()).find((model) => model.id === id)!;
export const load = async (weights: ManagedWeights, id: string) => {
  const model = weights.catalog.models.find((one) => one.id === id)!;
  return (await weights.load(model)).get(model.files[0]!.path)!;
};
export const codes = () => notices.map(({ code }) => code);
export const dropped = (bytes: Uint8Array, name = 'my vae.safetensors') =>
  new File([new Uint8Array(bytes)], name);
