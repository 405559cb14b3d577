import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../src/defined';
import { LeapError } from '../../src/errors';
import { readSafetensorsHeader } from '../../src/formats';
import { buildGraph, type RecognisedModel, recogniseCheckpoint, type WeightsFile } from '../../src/graph';
import { FAMILIES } from '../../src/latent';
import type { FamilyId } from '../../src/latent/types';
import type { Catalog, CatalogEntry, KnownFile, ModelKind } from '../../src/weights/types';

/** Latent positions along each side of the prebuilt graphs. */
const TILE = 64;
/** Pixels per latent position. */
const STRIDE = 8;
const CATALOG = 'catalog.json';
/** What is trained here. */
type OwnKind = Exclude<ModelKind, 'enlarger'>;
const LABELS: Record<OwnKind, string> = {
  lua: 'Latent Leap LUA',
  decoder: 'Latent Leap decoder',
  encoder: 'Latent Leap encoder',
};

const KINDS = Object.keys(LABELS) as OwnKind[];

/** The metadata of a family file: what it is part of. */
interface FamilyRecord {
  kind: OwnKind;
  family: FamilyId;
  /** File names that make up the model, in order. */
  files: string[];
  space: 'model' | 'decoder';
  licence: string;
}

interface StoredFile extends KnownFile {
  weights: WeightsFile;
}

type PrebuiltGraph = CatalogEntry['graphs'][number];

/**
 * Writes `<model>[-x<scale>].onnx` for every model whose weights lie in the folder, and `catalog.json`. Graphs of
 * an earlier run that are made no more are deleted. The same weights always give the same bytes.
 *
 * @param hub further models of the catalogue, which are fetched from a hub when they are chosen
 * @throws LeapError `bad-weights` or `damaged-file` for weights that are not ours or not whole
 */
export async function writeModels(
  folder: string,
  hub: CatalogEntry[] = [],
): Promise<{ catalog: Catalog; graphs: PrebuiltGraph[] }> {
  const names = (await readdir(folder)).sort();
  const stored = new Map<string, StoredFile>();
  for (const name of names.filter((file) => file.endsWith('.safetensors'))) {
    const bytes = await readFile(join(folder, name));
    const header = readSafetensorsHeader(bytes, bytes.length);
    stored.set(name, { ...identify(name, bytes), weights: { path: name, header } });
  }
  const models: CatalogEntry[] = [];
  for (const [name, { weights }] of stored) {
    const record = readRecord(name, weights);
    if (record) models.push(await writeModel(folder, name, record, stored));
  }
  models.sort((a, b) => rank(a) - rank(b));
  const graphs = models.flatMap((model) => model.graphs);
  const written = new Set(graphs.map((graph) => graph.path));
  for (const name of names) {
    if (name.endsWith('.onnx') && !written.has(name)) await rm(join(folder, name));
  }
  const catalog: Catalog = { version: 1, models: [...models, ...hub] };
  await writeFile(join(folder, CATALOG), `${JSON.stringify(catalog, null, 2)}\n`);
  return { catalog, graphs };
}

async function writeModel(
  folder: string,
  name: string,
  record: FamilyRecord,
  stored: Map<string, StoredFile>,
): Promise<CatalogEntry> {
  const id = name.replace('.safetensors', '').replace('.', '-');
  const files = record.files.map((file) => {
    const found = stored.get(file);
    if (!found) throw new LeapError('bad-weights', `${name} needs ${file}, which is not there.`);
    return found;
  });
  const weights = files.map((file) => file.weights);
  const { architecture, scales } = recogniseWhole(weights);
  const side = record.kind === 'encoder' ? TILE * STRIDE : TILE;
  const size = { height: side, width: side, precision: 'fp32' as const };
  const graphs: PrebuiltGraph[] = [];
  for (const scale of scales ?? [1]) {
    const path = `${id}${scales ? `-x${scale}` : ''}.onnx`;
    const { model } = buildGraph(architecture, { weights, scale, ...size });
    await writeFile(join(folder, path), model);
    graphs.push({ ...identify(path, model), scale, ...size });
  }
  return {
    id,
    kind: record.kind,
    architecture,
    label: `${LABELS[record.kind]}, ${FAMILIES[record.family].label}`,
    family: record.family,
    space: record.space,
    ...defined({ scales }),
    files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    embedded: true,
    licence: record.licence,
    source: 'trained for this project by training/',
    graphs,
  };
}

/** The network that files of one model make up together. @throws LeapError `unsupported` */
function recogniseWhole(files: WeightsFile[]): RecognisedModel {
  const tensors = files.flatMap(({ header }) => [...header.entries.values()]);
  // The file of the family says what the model is; that of the trunk says that it is only a part.
  const [found] = recogniseCheckpoint(tensors, files.at(-1)!.header.metadata);
  return found!;
}

/** The record of a family file; undefined for a trunk, which is not a model by itself. */
function readRecord(name: string, { header }: WeightsFile): FamilyRecord | undefined {
  const text = header.metadata.latent_leap;
  if (text === undefined) throw new LeapError('bad-weights', `${name} has no latent_leap metadata.`);
  const record = JSON.parse(text) as FamilyRecord & { part: 'trunk' | 'family' };
  if (record.part === 'trunk') return undefined;
  if (!KINDS.includes(record.kind) || !(record.family in FAMILIES)) {
    throw new LeapError(
      'bad-weights',
      `${name} is of no known kind and family: ${record.kind}, ${record.family}.`,
    );
  }
  return record;
}

function identify(path: string, bytes: Uint8Array): KnownFile {
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Order in the catalogue: by kind, then as the table of families has them. */
function rank(entry: CatalogEntry): number {
  return KINDS.indexOf(entry.kind as OwnKind) * 100 + Object.keys(FAMILIES).indexOf(entry.family);
}
