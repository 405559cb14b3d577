/** What is asked of a cache: the browser's `Cache`, or one of a test. */
export type FileCache = Pick<Cache, 'match' | 'put' | 'delete'>;

/**
 * Files of which the sha256 is known. A wrong body (the sign-in page of a hotel's network with status 200, a host's
 * "not found" page, a file of another deployment) is never kept, and one that was kept is fetched again.
 */
export class CheckedFiles {
  readonly paths: readonly string[];
  /** Path -> sha256 in lower-case hex. */
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #address: (path: string) => string;
  readonly #fetch: typeof fetch;
  /** Addresses whose kept copy was checked since this worker started. */
  readonly #checked = new Set<string>();

  /** @param address the absolute address of a path */
  constructor(
    hashes: Readonly<Record<string, string>>,
    address: (path: string) => string,
    fetcher: typeof fetch = fetch,
  ) {
    this.#hashes = new Map(Object.entries(hashes));
    this.paths = Object.keys(hashes);
    this.#address = address;
    this.#fetch = (...request) => fetcher(...request);
  }

  /**
   * The copy that is kept, if it is whole; a broken one is deleted.
   * @returns undefined when the file must be fetched
   */
  async read(path: string, cache: FileCache): Promise<Response | undefined> {
    const address = this.#address(path);
    const kept = await cache.match(address);
    if (!kept) return undefined;
    if (this.#checked.has(address)) return kept;
    const bytes = await kept.clone().arrayBuffer();
    if (await this.#isExpected(path, bytes)) {
      this.#checked.add(address);
      return kept;
    }
    await cache.delete(address);
    return undefined;
  }

  /**
   * Fetches a file and keeps it.
   * @throws Error when the server gives anything else, or the file cannot be stored
   */
  async keep(path: string, cache: FileCache): Promise<void> {
    if (await this.#keepIfExpected(path, await this.#fetchFile(path, 'no-cache'), cache)) return;
    // The HTTP cache may hold the wrong body, and a server that compares dates only would confirm it.
    const fresh = await this.#fetchFile(path, 'reload');
    if (await this.#keepIfExpected(path, fresh, cache)) return;
    throw new Error(`${path}: the server's answer (${fresh.status}) is not the expected file.`);
  }

  /**
   * The kept copy, or what the network gives, which is kept if it is the expected file. Anything else is handed on as
   * it came: the page sees what it would see without this worker, and the file is asked for again.
   *
   * @param later takes the work that continues after the answer
   */
  async answer(path: string, cache: FileCache, later: (work: Promise<void>) => void): Promise<Response> {
    const kept = await this.read(path, cache);
    if (kept) return kept;
    const response = await this.#fetchFile(path, 'no-cache');
    const keeping = this.#keepIfExpected(path, response.clone(), cache).then((done) =>
      done ? undefined : this.keep(path, cache),
    );
    // A full store must not cost the page its answer.
    later(keeping.catch((reason) => console.warn(`${path} could not be kept for offline use.`, reason)));
    return response;
  }

  #fetchFile(path: string, cache: RequestCache): Promise<Response> {
    return this.#fetch(this.#address(path), { cache });
  }

  async #keepIfExpected(path: string, response: Response, cache: FileCache): Promise<boolean> {
    const { ok, status, statusText, headers } = response;
    const bytes = await response.arrayBuffer();
    if (!ok || !(await this.#isExpected(path, bytes))) return false;
    const address = this.#address(path);
    // Made anew: a host may redirect index.html to its folder, and a redirected answer is refused for a navigation.
    await cache.put(address, new Response(bytes, { status, statusText, headers }));
    this.#checked.add(address);
    return true;
  }

  async #isExpected(path: string, bytes: ArrayBuffer): Promise<boolean> {
    return (await sha256(bytes)) === this.#hashes.get(path);
  }
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
