import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { type RecognisedModel, recogniseCheckpoint } from '../../graph';
import { joinWords } from '../../join-words';
import { KIND_NAMES, nameKind } from '../../model-kinds';
import { tidyText } from '../../tidy-text';
import { FileChanged } from '../download/check-response';
import type { Fetch } from '../download/fetch';
import { locate } from '../download/fetch-hub-file';
import { HttpFile } from '../download/http-file';
import { parseHubAddress } from '../download/hub-address';
import { sha256 } from '../sha256';
import { ADDED_ID } from '../store/store-keys';
import type { CatalogEntry, ModelKind, ModelWish } from '../types';
import { type ByteSource, openBlob } from './byte-source';
import { checkNetwork } from './check-network';
import { isExact } from './is-exact';
import { openCheckpoint } from './open-checkpoint';
import { HEAD_BYTES } from './read-checkpoint';

const MAX_LABEL = 80;
/** Digits of the digest that the id has. */
const ID_DIGITS = 8;

export interface AddOptions {
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
  const { bytes, network } = await readNetwork(openBlob(file, name), wish, options);
  return makeModel(bytes, network, wish, name, {
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
  const source = await HttpFile.open(where.url, { bytes: where.bytes, fetch, signal, head: HEAD_BYTES });
  try {
    if (source.size === 0) {
      throw new LeapError('download-failed', `The server does not say how long ${where.url} is.`, {
        url: where.url,
      });
    }
    const { bytes, network } = await readNetwork(source, wish, options);
    const page = parseHubAddress(url)?.page;
    const path = new URL(url).pathname;
    return await makeModel(bytes, network, wish, decodeName(path.slice(path.lastIndexOf('/') + 1)), {
      source: where.url,
      ...defined({ page }),
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
  { signal, onProgress }: AddOptions,
): Promise<{ bytes: Uint8Array; network: RecognisedModel }> {
  const report = (loaded: number, total: number) => onProgress?.(source.name, loaded, total);
  const checkpoint = await openCheckpoint(source, { signal, onProgress: report });
  const { tensors, metadata } = checkpoint;
  const network = choose(recogniseCheckpoint(tensors, metadata), wish);
  checkNetwork(tensors, metadata, network, wish.family);
  const exact = isExact(network);
  const bytes = await checkpoint.read(network.keep, { exact, signal, onProgress: report });
  return { bytes, network };
}

/**
 * The part of a checkpoint that a person wants, or else the decoder.
 * @throws LeapError `unsupported` where there is no such part, `bad-option` for another family's
 */
function choose(found: readonly RecognisedModel[], { kind, family }: ModelWish): RecognisedModel {
  const order: ModelKind[] = ['decoder', 'lua', 'encoder', 'enlarger'];
  const network = kind
    ? found.find((one) => one.kind === kind)
    : found.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0];
  if (!network) {
    const kinds = found.map((one) => one.kind);
    const holds = joinWords(kinds.map(nameKind)) || 'nothing';
    const message = `This file holds ${holds}, but not ${nameKind(kind!)}.`;
    throw new LeapError('unsupported', message, { kinds });
  }
  if (!network.families.includes(family)) {
    const { channels, families } = network;
    throw new LeapError(
      'bad-option',
      `This ${KIND_NAMES[network.kind]} takes ${channels} channels: it is for ${joinWords(families, 'or') || 'none of the families here'}, not for ${family}.`,
      { channels, families, family },
    );
  }
  return network;
}

async function makeModel(
  bytes: Uint8Array,
  network: RecognisedModel,
  wish: ModelWish,
  name: string,
  origin: Pick<CatalogEntry, 'source' | 'page'>,
): Promise<AddedModel> {
  const { architecture, kind, space, scaleRange } = network;
  const { family, label } = wish;
  const scales = network.scales ?? askedScales(network, wish, name);
  const digest = await sha256(bytes);
  const entry: CatalogEntry = {
    // One file may be added for several families.
    id: `${ADDED_ID}${kind}-${digest.slice(0, ID_DIGITS)}-${family}`,
    kind,
    architecture,
    label: tidyText(label ?? name, MAX_LABEL) || kind,
    family,
    space,
    ...defined({ scales, scaleRange }),
    files: [{ path: `added/${digest}.safetensors`, bytes: bytes.length, sha256: digest }],
    embedded: false,
    licence: 'not stated in the file',
    ...origin,
    graphs: [],
  };
  return { entry, bytes };
}

/**
 * The factor of a network whose tensors do not tell it: the person's, or else that of the file's name.
 * @throws LeapError `bad-option` where neither does
 */
function askedScales(
  { askScale: possible }: RecognisedModel,
  { scale }: ModelWish,
  name: string,
): number[] | undefined {
  if (!possible) return undefined;
  const found = scale ?? scaleInName(name);
  if (found !== undefined && possible.includes(found)) return [found];
  const message = `The file does not tell its factor, which is ${possible.join(' or ')}.`;
  throw new LeapError('bad-option', message, {
    scales: possible,
    ...defined({ scale: found }),
  });
}

/** 1.5 of 'upscaler-x1.5.safetensors', 4 of '4x_nice.onnx'. */
export function scaleInName(name: string): number | undefined {
  const named = /(?:^|[^a-z0-9])(?:x(\d(?:\.\d+)?)|(\d)x)/i.exec(name)?.slice(1).find(Boolean);
  return named === undefined ? undefined : Number(named);
}

function decodeName(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
