import { LeapError } from '../../errors';
import { beginsAsTorch, readTensorFile, TORCH_HEAD_BYTES, writeSafetensors } from '../../formats';
import type { NamedTensor } from '../../formats/types';
import type { RecognisedModel } from '../../graph/recognise/recognised-model';
import { tidyText } from '../../tidy-text';
import type { Fetch } from '../download/download-file';
import { locate } from '../download/fetch-hub-file';
import { FileChanged, HttpSource } from '../download/http-source';
import { parseHubAddress } from '../download/hub-address';
import { sha256 } from '../sha256';
import type { CatalogEntry, ModelKind, ModelWish } from '../types';
import { type ByteSource, openBlob, readAll } from './byte-source';
import { narrowTensor } from './narrow-tensor';
import { pickTensors } from './pick-tensors';
import { HEAD_BYTES, readHeader, readTensors } from './read-checkpoint';
import type { Recognise, TensorShape } from './recognise';

/** A torch file has to be in memory to be unpacked; that of a full VAE has 335 MB. */
const MAX_TORCH_BYTES = 2 ** 30;
const MAX_LABEL = 80;
/** Of the digest, in the id. */
const ID_DIGITS = 8;

export interface AddOptions {
  recognise: Recognise;
  fetch?: Fetch | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((file: string, loadedBytes: number, totalBytes: number) => void) | undefined;
}

/** A model that is ready to be stored. */
export interface AddedModel {
  entry: CatalogEntry;
  /** A safetensors file with the tensors of this network alone. */
  bytes: Uint8Array;
}

/** @throws LeapError as `ManagedWeights.add` */
export async function readDroppedModel(
  file: Blob,
  wish: ModelWish,
  options: AddOptions,
): Promise<AddedModel> {
  const name = file instanceof File && file.name ? file.name : 'a file';
  const { bytes, candidate } = await readNetwork(openBlob(file, name), wish, options);
  return makeModel(bytes, candidate, wish, name, {
    source: `a file from this machine: ${tidyText(name, MAX_LABEL)}`,
  });
}

/**
 * @param url checked already
 * @throws LeapError as `ManagedWeights.add`
 */
export async function fetchModelFrom(url: string, wish: ModelWish, options: AddOptions): Promise<AddedModel> {
  const { fetch, signal } = options;
  const where = await locate(url, { bytes: 0 }, { fetch, signal });
  const source = await HttpSource.open(where.url, { bytes: where.bytes, fetch, signal, head: HEAD_BYTES });
  try {
    if (source.size === 0) {
      throw new LeapError('download-failed', `${where.url} comes without its length.`, { url: where.url });
    }
    const { bytes, candidate } = await readNetwork(source, wish, options);
    const page = parseHubAddress(url)?.page;
    const path = new URL(url).pathname;
    return await makeModel(bytes, candidate, wish, decodeName(path.slice(path.lastIndexOf('/') + 1)), {
      source: where.url,
      ...(page ? { page } : {}),
    });
  } catch (thrown) {
    if (!(thrown instanceof FileChanged)) throw thrown;
    throw new LeapError('download-failed', `${where.url} changed while it was being read.`, {
      url: where.url,
    });
  } finally {
    source.close();
  }
}

async function readNetwork(
  source: ByteSource,
  wish: ModelWish,
  options: AddOptions,
): Promise<{ bytes: Uint8Array; candidate: RecognisedModel }> {
  const magic = await readAll(source, 0, Math.min(TORCH_HEAD_BYTES, source.size));
  return beginsAsTorch(magic) ? readTorch(source, wish, options) : readSafetensors(source, wish, options);
}

async function readSafetensors(source: ByteSource, wish: ModelWish, options: AddOptions) {
  const { signal, onProgress } = options;
  const header = await readHeader(source);
  const candidate = choose([...header.entries.values()], header.metadata, wish, options.recognise);
  const stretches = pickTensors(header, candidate.keep);
  const total = stretches.reduce((sum, { begin, end }) => sum + end - begin, header.dataStart);
  let loaded = header.dataStart;
  const bytes = await readTensors(source, stretches, {
    exact: isExact(candidate),
    metadata: header.metadata,
    signal,
    onRead: (count) => {
      loaded += count;
      onProgress?.(source.name, Math.min(loaded, total), total);
    },
  });
  return { bytes, candidate };
}

async function readTorch(source: ByteSource, wish: ModelWish, options: AddOptions) {
  const { size, name } = source;
  if (size > MAX_TORCH_BYTES) {
    const message = `${name} has ${size} bytes; PyTorch files are read up to ${MAX_TORCH_BYTES}. Save its tensors as safetensors.`;
    throw new LeapError('too-large', message, { bytes: size, limit: MAX_TORCH_BYTES });
  }
  const file = new Uint8Array(size);
  let at = 0;
  for await (const piece of source.read(0, size)) {
    file.set(piece, at);
    at += piece.length;
    options.onProgress?.(name, at, size);
  }
  const { tensors } = readTensorFile(file);
  const candidate = choose(tensors, {}, wish, options.recognise);
  const wanted = tensors.filter((tensor) => candidate.keep.some((prefix) => tensor.name.startsWith(prefix)));
  const exact = isExact(candidate);
  const kept = wanted.map(
    (tensor): NamedTensor => (exact ? tensor : { ...tensor, ...narrowTensor(tensor.dtype, tensor.bytes) }),
  );
  return { bytes: writeSafetensors(kept), candidate };
}

/** LUA's authors recommend float32, and it is small beside a decoder's work. */
function isExact({ architecture }: RecognisedModel): boolean {
  return architecture === 'lua';
}

/** @throws LeapError `unsupported` where there is no such part, `bad-option` for another family's */
function choose(
  tensors: readonly TensorShape[],
  metadata: Record<string, string>,
  { kind, family }: ModelWish,
  recognise: Recognise,
): RecognisedModel {
  const found = recognise(tensors, metadata);
  const order: ModelKind[] = ['decoder', 'lua', 'encoder'];
  const candidate = kind
    ? found.find((one) => one.kind === kind)
    : found.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0];
  if (!candidate) {
    const kinds = found.map((one) => one.kind);
    throw new LeapError(
      'unsupported',
      `This file holds ${kinds.join(' and ') || 'nothing'}, but no ${kind}.`,
      {
        kinds,
      },
    );
  }
  if (!candidate.families.includes(family)) {
    const { channels, families } = candidate;
    throw new LeapError(
      'bad-option',
      `This ${candidate.kind} takes ${channels} channels: it is for ${families.join(' or ') || 'none of the families here'}, not for ${family}.`,
      { channels, families, family },
    );
  }
  return candidate;
}

async function makeModel(
  bytes: Uint8Array,
  { architecture, kind, space, scales }: RecognisedModel,
  { family, label }: ModelWish,
  name: string,
  origin: Pick<CatalogEntry, 'source' | 'page'>,
): Promise<AddedModel> {
  const digest = await sha256(bytes);
  const entry: CatalogEntry = {
    // One file may be added for several families.
    id: `custom-${kind}-${digest.slice(0, ID_DIGITS)}-${family}`,
    kind,
    architecture,
    label: tidyText(label ?? name, MAX_LABEL) || kind,
    family,
    space,
    ...(scales ? { scales } : {}),
    files: [{ path: `added/${digest}.safetensors`, bytes: bytes.length, sha256: digest }],
    embedded: false,
    licence: 'not stated in the file',
    ...origin,
    graphs: [],
  };
  return { entry, bytes };
}

function decodeName(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
