type Fetch = typeof fetch;

/** As a server without ETags, whose versions differ in their date only. */
export function datedFetch(): Fetch {
  const dates = new Map<string, string>();
  return async (input, init) => {
    const { body, status, headers } = await fetch(input, init);
    const shown = new Headers(headers);
    const etag = headers.get('ETag') ?? '';
    shown.delete('ETag');
    if (!dates.has(etag)) dates.set(etag, new Date(Date.UTC(2026, 0, 1 + dates.size)).toUTCString());
    shown.set('Last-Modified', dates.get(etag)!);
    return new Response(body, { status, headers: shown });
  };
}

/**
 * Acts as a server at another origin that answers every request for a range with 206 and the whole file, and shows no
 * Content-Range.
 */
export function wholeAsRangeFetch({ showLength }: { showLength: boolean }): Fetch {
  return async (input, init) => {
    const asked = new Headers(init?.headers);
    const wantsRange = asked.has('Range');
    asked.delete('Range');
    asked.delete('If-Range');
    const { body, status, headers } = await fetch(input, { ...init, headers: asked });
    const shown = new Headers(headers);
    if (!showLength) shown.delete('Content-Length');
    return new Response(body, { status: wantsRange && status === 200 ? 206 : status, headers: shown });
  };
}
