/** `fetch`, or what stands in for it. */
export type Fetch = typeof globalThis.fetch;
