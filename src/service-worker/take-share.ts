/** Where shared files wait for the page. The page knows it by the same name. */
const SHARED_CACHE = 'latent-leap-shared';

/** What the manifest calls the parts of a share. */
const FILES = 'files';
const TEXTS = ['url', 'text'];

/**
 * Takes what another app shares with the installed page, and sends the browser to the page, which opens it.
 * @param address the absolute address of a path of the page
 */
export async function takeShare(request: Request, address: (path: string) => string): Promise<Response> {
  const form = await request.formData();
  const cache = await caches.open(SHARED_CACHE);
  const parts = [
    ...form.getAll(FILES),
    ...TEXTS.map((name) => form.get(name)).filter((text) => text !== null && text !== ''),
  ];
  for (const [index, part] of parts.entries()) {
    const file = typeof part === 'string' ? undefined : (part as File);
    // Headers are Latin-1.
    const headers = { 'X-Name': encodeURIComponent(file?.name ?? ''), 'X-Kind': file ? 'file' : 'text' };
    await cache.put(
      address(`shared/${crypto.randomUUID()}-${index}`),
      new Response(part as BodyInit, { headers }),
    );
  }
  return Response.redirect(address('?shared'), 303);
}
