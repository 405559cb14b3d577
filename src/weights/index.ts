export { type DownloadOptions, downloadFile, type Fetch } from './download-file';
export { createIdbStore, type IdbStoreOptions } from './idb-store';
export { inspectModel } from './inspect-model';
export { createMemoryStore } from './memory-store';
export { MODEL_HOSTS } from './model-hosts';
export { type OpenWeightsOptions, openWeights } from './open-weights';
export { parseCatalog } from './parse-catalog';
export type { Recognise, TensorShape } from './recognise';
export type * from './types';
