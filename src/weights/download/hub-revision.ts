import { defined } from '../../defined';
import { downloadFile } from './download-file';
import type { Fetch } from './fetch';
import { type HubAddress, isCommit } from './hub-address';

/** What the hub says about a file of a branch or a tag. */
export interface HubRevision {
  /** The commit that the branch stands at. */
  commit: string;
  bytes?: number;
  /** The digest of the whole file, as git-lfs names it. */
  sha256?: string;
}

/** How long to wait, in milliseconds, for an answer that helps but is not needed. */
const TIMEOUT = 10_000;
/** A repository of ten thousand files is described in less. */
const MAX_ANSWER_BYTES = 2 ** 23;

/**
 * Asks the hub which commit a branch stands at, and about the file there. A browser sees only the headers of the
 * last redirect, which come from a content server that knows nothing of commits. So we ask beforehand, as the hub's
 * own client does (huggingface_hub, `model_info(files_metadata=True)`).
 *
 * @returns undefined if the answer is useless; then the branch's name is used
 */
export async function askRevision(
  { origin, repo, revision, path }: HubAddress,
  fetch: Fetch,
  signal: AbortSignal | undefined,
): Promise<HubRevision | undefined> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  try {
    const answer = await downloadFile(`${origin}/api/models/${repo}/revision/${revision}?blobs=true`, {
      fetch,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      retries: 0,
      maxBytes: MAX_ANSWER_BYTES,
    });
    return readAnswer(JSON.parse(new TextDecoder().decode(answer)), decodeURIComponent(path));
  } catch {
    return undefined;
  }
}

function readAnswer(answer: unknown, path: string): HubRevision | undefined {
  const { sha, siblings } = asRecord(answer);
  if (typeof sha !== 'string' || !isCommit(sha)) return undefined;
  const list: unknown[] = Array.isArray(siblings) ? siblings : [];
  const file = asRecord(list.find((one) => asRecord(one).rfilename === path));
  const digest = asRecord(file.lfs).sha256;
  return {
    commit: sha,
    ...defined({
      bytes: Number.isSafeInteger(file.size) && (file.size as number) > 0 ? (file.size as number) : undefined,
      sha256: typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined,
    }),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
