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

/** As a server that states the range rightly, and sends more than that. */
export function longRangeFetch(): Fetch {
  return async (input, init) => {
    const { body, status, headers } = await fetch(input, init);
    if (status !== 206 || !body) return new Response(body, { status, headers });
    const more = new TransformStream<Uint8Array, Uint8Array>({
      flush: (controller) => controller.enqueue(new Uint8Array(1000).fill(7)),
    });
    const shown = new Headers(headers);
    shown.delete('Content-Length');
    return new Response(body.pipeThrough(more), { status, headers: shown });
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

/** As a hub whose versions of a file differ in their commit only. */
export function committedFetch(): Fetch {
  const commits = new Map<string, string>();
  return async (input, init) => {
    const { body, status, headers } = await fetch(input, init);
    const shown = new Headers(headers);
    const etag = headers.get('ETag') ?? '';
    shown.delete('ETag');
    if (!commits.has(etag)) commits.set(etag, `${commits.size}`.padStart(40, 'c'));
    shown.set('X-Repo-Commit', commits.get(etag)!);
    return new Response(body, { status, headers: shown });
  };
}

/** As a server that answers the second request for a range with as many bytes from before them, and says so. */
export function shiftedRangeFetch(): Fetch {
  let ranges = 0;
  return async (input, init) => {
    const asked = new Headers(init?.headers);
    const match = /^bytes=(\d+)-(\d+)$/.exec(asked.get('Range') ?? '');
    if (match && ++ranges === 2) {
      const [first, last] = [Number(match[1]), Number(match[2])];
      asked.set('Range', `bytes=${first - 1000}-${last - 1000}`);
    }
    return fetch(input, { ...init, headers: asked });
  };
}

/** As a server that compresses on the way: its ETags are weak, which stand for the same meaning, not the same bytes. */
export function weakTagFetch(): Fetch {
  return async (input, init) => {
    const { body, status, headers } = await fetch(input, init);
    const shown = new Headers(headers);
    shown.set('ETag', `W/${headers.get('ETag')}`);
    return new Response(body, { status, headers: shown });
  };
}
