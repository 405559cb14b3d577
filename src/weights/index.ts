export { type DownloadOptions, downloadFile, type Fetch } from './download-file';
export { createIdbStore, type IdbStoreOptions } from './idb-store';
export { createMemoryStore } from './memory-store';
export { MODEL_HOSTS } from './model-hosts';
export { type OpenWeightsOptions, openWeights } from './open-weights';
export { parseCatalog } from './parse-catalog';
export type { Candidate, Recognise } from './recognise';
export type * from './types';
