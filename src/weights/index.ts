export { MODEL_HOSTS } from './catalog/model-hosts';
export { parseCatalog } from './catalog/parse-catalog';
export { inspectModel } from './checkpoint/inspect-model';
export type { Recognise, TensorShape } from './checkpoint/recognise';
export { type DownloadOptions, downloadFile, type Fetch } from './download/download-file';
export { type OpenWeightsOptions, openWeights } from './open-weights';
export { createIdbStore, type IdbStoreOptions } from './store/idb-store';
export { createMemoryStore } from './store/memory-store';
export type * from './types';
