import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { NamedTensor } from '../../formats/types';
import { openBytes } from '../checkpoint/byte-source';
import type { TensorFacts } from '../checkpoint/check-network';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { pickTensors } from '../checkpoint/pick-tensors';
import { HEAD_BYTES, readHeader, readTensors } from '../checkpoint/read-checkpoint';
import { sha256 } from '../sha256';
import type { PartialDownload } from '../store/partial-download';
import type { CatalogFile } from '../types';
import { beginAgainWhenChanged, downloadFile } from './download-file';
import type { Fetch } from './fetch';
import { HttpFile } from './http-file';
import { hubUrl, isCommit, parseHubAddress } from './hub-address';
import { askRevision } from './hub-revision';

/** Files up to this size whose hash is known are fetched whole, so that the hash can be checked. */
const WHOLE_BYTES = 16 * 1024 * 1024;

export interface FetchHubOptions {
  fetch?: Fetch | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which a connection counts as broken. */
  stallAfter?: number | undefined;
  onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Called with all tensors of the file before any is fetched; throws for a file that is not the expected one. */
  check?: (tensors: readonly TensorFacts[], metadata: Record<string, string>) => void;
  /** Leave floats as they are. Otherwise they are narrowed to float16. */
  exact?: boolean;
  /** Where what has come is kept until all has. */
  partial?: PartialDownload | undefined;
}

/** What is stored of a hub's file. */
export interface HubResult {
  bytes: Uint8Array;
  /** sha256 of `bytes`. */
  digest: string;
  /** Bytes of the whole file at the hub. */
  fileBytes: number;
  /** Bytes of it that came over the network in this attempt. */
  receivedBytes: number;
  /** The commit that the file is from, where known. */
  revision?: string;
}

/** Where a file really is, and what is known about it. */
export interface Located {
  url: string;
  revision?: string;
  bytes?: number;
  sha256?: string;
}

/** Replaces a branch by the commit that it stands at, where the hub tells. */
export async function locate(
  url: string,
  file: Pick<CatalogFile, 'bytes' | 'sha256'>,
  { fetch = globalThis.fetch, signal }: Pick<FetchHubOptions, 'fetch' | 'signal'>,
): Promise<Located> {
  const known = defined({ bytes: file.bytes || undefined, sha256: file.sha256 });
  const address = parseHubAddress(url);
  if (!address) return { url, ...known };
  const { revision } = address;
  if (isCommit(revision)) return { url: hubUrl(address, revision), revision, ...known };
  const said = await askRevision(address, fetch, signal);
  if (!said) return { url: hubUrl(address, revision), ...known };
  if (file.sha256 && said.sha256 && said.sha256 !== file.sha256) {
    const message = `${url} is not the expected file any more: its hash differs.`;
    throw new LeapError('hash-mismatch', message, { url, expected: file.sha256, actual: said.sha256 });
  }
  const { commit, ...facts } = said;
  return { url: hubUrl(address, commit), revision: commit, ...facts, ...known };
}

/**
 * Fetches what is needed of a checkpoint: the wanted tensors of a safetensors file, as float16 unless `exact`. A torch
 * file is fetched whole and kept as it is.
 *
 * @throws LeapError `download-failed`, `gated`, `hash-mismatch`, `bad-weights`, `damaged-file`, `cancelled`
 */
export async function fetchHubFile(
  url: string,
  file: CatalogFile,
  options: FetchHubOptions,
): Promise<HubResult> {
  const where = await locate(url, file, options);
  const { keep, container = 'safetensors' } = file;
  const whole = container !== 'safetensors' || !keep || isSmall(where);
  const result = whole ? await fetchWhole(where, file, options) : await fetchParts(where, file, options);
  return { ...result, digest: await sha256(result.bytes) };
}

function isSmall({ bytes, sha256: hash }: Located): boolean {
  return hash !== undefined && bytes !== undefined && bytes <= WHOLE_BYTES;
}

async function fetchWhole(
  { url, revision, bytes, sha256: hash }: Located,
  file: CatalogFile,
  { fetch, signal, stallAfter, onProgress, check, exact = false }: FetchHubOptions,
): Promise<Omit<HubResult, 'digest'>> {
  const body = await downloadFile(url, {
    bytes,
    sha256: hash,
    signal,
    fetch,
    stallAfter,
    onProgress: (loaded, total) => onProgress?.(loaded, total ?? 0),
  });
  const facts = { fileBytes: body.length, receivedBytes: body.length, ...defined({ revision }) };
  const checkpoint = await openCheckpoint(openBytes(body, url), { signal });
  check?.(checkpoint.tensors, checkpoint.metadata);
  const isWanted = file.container === 'torch-zip';
  return { bytes: isWanted ? body : await checkpoint.read(file.keep, { exact, signal }), ...facts };
}

async function fetchParts(
  where: Located,
  file: CatalogFile,
  options: FetchHubOptions,
): Promise<Omit<HubResult, 'digest'>> {
  const { url, bytes } = where;
  const { fetch, signal, stallAfter, partial } = options;
  const read = async () => {
    const source = await HttpFile.open(url, { bytes, fetch, signal, stallAfter, head: HEAD_BYTES });
    try {
      // A server that does not say how long a file is sends the whole file anyway.
      if (source.size === 0) return await fetchWhole(where, file, options);
      const result = await readParts(source, file, options);
      const revision = where.revision ?? readCommit(source.commit);
      return {
        bytes: result,
        fileBytes: source.size,
        receivedBytes: source.received,
        ...defined({ revision }),
      };
    } finally {
      source.close();
    }
  };
  return beginAgainWhenChanged(url, read, () => partial?.drop());
}

async function readParts(
  source: HttpFile,
  { keep }: CatalogFile,
  { signal, onProgress, check, partial, exact = false }: FetchHubOptions,
): Promise<Uint8Array> {
  const header = await readHeader(source);
  check?.([...header.entries.values()], header.metadata);
  const wanted = pickTensors(header, keep);
  const have = (await partial?.open(source.version, header)) ?? [];
  const rest = pickTensors(header, keep, new Set(have.map(({ name }) => name)));
  const total = header.dataStart + sizeOf(wanted);
  let loaded = total - sizeOf(rest);
  onProgress?.(loaded, total);
  return readTensors(source, rest, {
    have,
    metadata: header.metadata,
    exact,
    signal,
    onRead: (count) => {
      loaded += count;
      onProgress?.(Math.min(loaded, total), total);
    },
    ...defined({ onTensor: partial && ((tensor: NamedTensor) => partial.keep(tensor)) }),
  });
}

function sizeOf(stretches: readonly { begin: number; end: number }[]): number {
  return stretches.reduce((sum, { begin, end }) => sum + end - begin, 0);
}

/** The header is a stranger's text. */
function readCommit(header: string | null): string | undefined {
  return header !== null && isCommit(header) ? header : undefined;
}
