import type { Fetch } from './download/fetch';
import type { WeightsNotice, WeightsStore } from './types';

export interface OpenWeightsOptions {
  /** Absolute address of `catalog.json`; the files' paths are relative to it. */
  catalogUrl: string;
  store: WeightsStore;
  /** Further origins that models may be added from. */
  hosts?: string[];
  fetch?: Fetch;
  onNotice?: (notice: WeightsNotice) => void;
}
