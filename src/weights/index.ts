export { type DownloadOptions, downloadFile, type Fetch } from './download-file';
export { createIdbStore, type IdbStoreOptions } from './idb-store';
export { createMemoryStore } from './memory-store';
export { type OpenWeightsOptions, openWeights } from './open-weights';
export { parseCatalog } from './parse-catalog';
export type * from './types';
