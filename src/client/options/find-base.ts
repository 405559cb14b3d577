/** What addresses are relative to: the page. A worker does not know its page: there it is the root of the origin. */
export function findBase(): string {
  return globalThis.document?.baseURI ?? globalThis.location?.origin ?? import.meta.url;
}
