import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf } from '../digest-of';
import { answerWithFile, type ServedFile, type ServerFault } from './answer-with-file';

interface HubRequest {
  method: string;
  range: string | undefined;
  ifRange: string | undefined;
  referer: string | undefined;
  status: number;
}

/** A file in a repository, as hubs have them. */
interface HubModel {
  /** `owner/name` */
  repo: string;
  path: string;
  bytes: Uint8Array;
  /** The commit of the branch `main`: 40 hexadecimal digits. */
  commit: string;
  /** Asks for consent: 401, with a page for people. */
  gated?: boolean;
}

/** A server on this machine that behaves like a model hub, and fails on request. */
export interface HubServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  /** Serves `bytes` at `path`. */
  put(path: string, bytes: Uint8Array, contentType?: string): void;
  /**
   * Answers `path` with a redirect to a content address, as hubs do for large files.
   * @returns the path of that address
   */
  putBehindRedirect(path: string, bytes: Uint8Array): string;
  /**
   * A file of a repository, at `/OWNER/NAME/resolve/REVISION/PATH` for the commit and for `main`: redirected to a
   * content address at another origin. `/api/models/...` tells what `main` is.
   * @returns the path of the content address
   */
  putModel(model: HubModel): string;
  /** The next requests to `path` fail in this order; later ones are answered normally. */
  fail(path: string, ...faults: ServerFault[]): void;
  /** Every request to `path` fails. */
  failAlways(path: string, fault: ServerFault): void;
  /** What was asked for at `path`, oldest first; a browser's preflights are requests too, of method OPTIONS. */
  requests(path: string): HubRequest[];
  forgetRequests(): void;
  close(): Promise<void>;
}

const EXPOSED = 'ETag, Content-Range, Content-Length, Accept-Ranges, X-Repo-Commit, X-Error-Code';

export async function startHub(): Promise<HubServer> {
  const files = new Map<string, ServedFile>();
  const faults = new Map<string, ServerFault[]>();
  const always = new Map<string, ServerFault>();
  const log = new Map<string, HubRequest[]>();

  const handle: RequestListener = (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const fault = request.method === 'OPTIONS' ? undefined : (faults.get(path)?.shift() ?? always.get(path));
    allowOtherOrigins(response, fault?.kind === 'hide-headers');
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else {
      const file = files.get(path) ?? missing(path, files);
      answerWithFile(request, response, file, fault).catch(() => response.destroy());
    }
    const { range, 'if-range': ifRange, referer } = request.headers;
    const entry = { method: request.method ?? '', range, ifRange: ifRange?.toString(), referer };
    log.set(path, [...(log.get(path) ?? []), { ...entry, status: response.statusCode }]);
  };
  // Large files come from another origin than the hub itself.
  const [server, content] = [createServer(handle), createServer(handle)];
  const [origin, contentOrigin] = await Promise.all([listen(server), listen(content)]);

  const put: HubServer['put'] = (path, bytes, contentType = 'application/octet-stream') =>
    void files.set(path, { bytes, contentType });
  return {
    origin,
    put,
    putModel(model) {
      const address = `/cdn/${digestOf(model.bytes)}`;
      put(address, model.bytes);
      for (const [path, file] of describeModel(model, `${contentOrigin}${address}`)) files.set(path, file);
      return address;
    },
    putBehindRedirect(path, bytes) {
      const address = `/cdn/${digestOf(bytes)}`;
      put(address, bytes);
      files.set(path, { bytes: new Uint8Array(), contentType: 'text/plain', redirect: address });
      return address;
    },
    fail: (path, ...next) => void faults.set(path, [...(faults.get(path) ?? []), ...next]),
    failAlways: (path, fault) => void always.set(path, fault),
    requests: (path) => log.get(path) ?? [],
    forgetRequests: () => log.clear(),
    close: async () => void (await Promise.all([close(server), close(content)])),
  };
}

/** What a hub answers about one file: its two addresses, and the state of the branch. */
function describeModel(
  { repo, path, bytes, commit, gated = false }: HubModel,
  redirect: string,
): [string, ServedFile][] {
  const digest = digestOf(bytes);
  const headers = {
    'X-Repo-Commit': commit,
    'X-Linked-Size': `${bytes.length}`,
    'X-Linked-ETag': `"${digest}"`,
  };
  const nothing = { bytes: new Uint8Array(), contentType: 'text/plain' };
  const file: ServedFile = gated
    ? { ...nothing, status: 401, headers: { 'X-Error-Code': 'GatedRepo' } }
    : { ...nothing, redirect, headers };
  const siblings = [
    { rfilename: 'README.md', size: 10 },
    { rfilename: path, size: bytes.length, lfs: { sha256: digest, size: bytes.length } },
  ];
  const state = new TextEncoder().encode(JSON.stringify({ id: repo, sha: commit, gated, siblings }));
  return [
    ...['main', commit].map((name): [string, ServedFile] => [`/${repo}/resolve/${name}/${path}`, file]),
    [`/api/models/${repo}/revision/main`, { bytes: state, contentType: 'application/json' }],
  ];
}

/** As huggingface.co: 404 inside a repository that is there, 401 where there is none. */
function missing(path: string, files: Map<string, ServedFile>): ServedFile | undefined {
  const repo = /^\/[^/]+\/[^/]+\/resolve\//.exec(path)?.[0];
  if (!repo) return undefined;
  const known = [...files.keys()].some((name) => name.startsWith(repo));
  const [status, code] = known ? [404, 'EntryNotFound'] : [401, 'RepoNotFound'];
  return {
    bytes: new Uint8Array(),
    contentType: 'text/html',
    status: status as number,
    headers: { 'X-Error-Code': code as string },
  };
}

function allowOtherOrigins(response: ServerResponse, hideHeaders: boolean): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (!hideHeaders) response.setHeader('Access-Control-Expose-Headers', EXPOSED);
}

/** @returns the origin */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
