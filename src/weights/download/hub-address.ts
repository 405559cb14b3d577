import { type ErrorDetail, LeapError } from '../../errors';

/** What the address of a hub's file says: `https://hub/OWNER/NAME/resolve/REVISION/PATH`. */
export interface HubAddress {
  origin: string;
  /** `owner/name` */
  repo: string;
  /** A branch, a tag, or a commit. */
  revision: string;
  /** Inside the repository. */
  path: string;
  /** The repository's page, for people. */
  page: string;
}

const PATH = /^\/([^/]+\/[^/]+)\/(?:resolve|blob)\/([^/]+)\/(.+)$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** @returns undefined for any other address. Pages about a file (`/blob/`) are understood too. */
export function parseHubAddress(url: string): HubAddress | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  const [, repo, revision, path] = PATH.exec(pathname) ?? [];
  if (!repo || !revision || !path) return undefined;
  return { origin, repo, revision, path, page: `${origin}/${repo}` };
}

export function hubUrl({ origin, repo, path }: HubAddress, revision: string): string {
  return `${origin}/${repo}/resolve/${revision}/${path}`;
}

/** A commit never changes; branches and tags do. */
export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/** @param page where the licence is accepted */
export function explainGate(page: string, detail: ErrorDetail = {}): LeapError {
  const message = `${page} gives this file only to those who accepted its licence: accept it on that page, download the file there, and drop it here.`;
  return new LeapError('gated', message, { ...detail, page });
}
