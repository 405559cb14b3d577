/** `fetch`, or what stands in for it. */
export type Fetch = typeof globalThis.fetch;

/** `fetch`, which in Node takes `file:` addresses too: Node's own does not. What is missing is a 404, as of a server. */
export const fetchAlsoFiles: Fetch = async (input, init) => {
  const { href, protocol } = new URL(input instanceof Request ? input.url : input);
  // Asked for at run time, so that bundlers for browsers find nothing to complain of.
  const fs = protocol === 'file:' ? globalThis.process?.getBuiltinModule?.('node:fs/promises') : undefined;
  if (!fs) return fetch(input, init);
  const bytes = await fs.readFile(new URL(href)).catch(() => undefined);
  if (!bytes) return new Response(null, { status: 404, statusText: 'There is no such file' });
  const type = href.endsWith('.json') ? 'application/json' : 'application/octet-stream';
  return new Response(new Uint8Array(bytes), { headers: { 'Content-Type': type } });
};
