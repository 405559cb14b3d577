import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { ARCHITECTURES } from '../../graph';
import { FAMILIES } from '../../latent/families';
import type { Space } from '../../latent/types';
import { KIND_NAMES } from '../../model-kinds';
import type { Catalog, CatalogEntry, CatalogFile } from '../types';
import { isAllowedAddress } from './address';
import { JsonFields } from './json-fields';

// Records, so that the compiler asks for a new line when one of the types grows.
const SPACES: Record<Space, true> = { model: true, decoder: true };
const CONTAINERS: Record<NonNullable<CatalogFile['container']>, true> = {
  safetensors: true,
  'torch-zip': true,
  onnx: true,
};
const PRECISIONS: Record<'fp16' | 'fp32', true> = { fp16: true, fp32: true };

/**
 * Checks that unknown JSON is a catalogue of models. Fields that are not known are left out.
 *
 * @param base the catalogue's own address. Paths are relative to it; see `isAllowedAddress` for what they may name.
 *   Without it relative paths must stay inside the catalogue's folder.
 * @param onSkipped takes the reason for each model that is left out because it is not understood: a later version
 *   may list new families and architectures. Without it such a model is an error.
 * @throws LeapError `damaged-file` naming the first field that is wrong, `unsupported` for another version, and
 *   when models are listed but none of them is understood
 */
export function parseCatalog(
  json: unknown,
  base?: string,
  onSkipped: (reason: LeapError) => void = (reason) => {
    throw reason;
  },
): Catalog {
  const fields = new JsonFields(json, 'catalog');
  const version = fields.count('version');
  if (version !== 1) {
    throw new LeapError(
      'unsupported',
      `The catalogue has version ${version}, but only version 1 can be read.`,
    );
  }
  const listed = fields.items('models');
  const models: CatalogEntry[] = [];
  for (const open of listed) {
    try {
      const entry = parseEntry(open(), base);
      refuseContradiction(entry, models);
      models.push(entry);
    } catch (thrown) {
      if (!(thrown instanceof LeapError)) throw thrown;
      onSkipped(thrown);
    }
  }
  if (listed.length > 0 && models.length === 0) {
    throw new LeapError('unsupported', `None of the catalogue's ${listed.length} models is understood.`);
  }
  return { version, models };
}

/** One model. @throws LeapError `damaged-file` */
export function parseEntry(fields: JsonFields, base: string | undefined): CatalogEntry {
  const embedded = fields.flag('embedded');
  const files = fields.objects('files').map((file) => readFile(file, base, embedded));
  if (files.length === 0) throw fields.refuse('files', 'a list of at least one file');
  return {
    id: fields.text('id'),
    kind: fields.choice('kind', KIND_NAMES),
    architecture: fields.choice('architecture', ARCHITECTURES),
    label: fields.text('label'),
    family: fields.choice('family', FAMILIES),
    space: fields.choice('space', SPACES),
    ...defined({
      scales: fields.optional('scales', (name) => fields.factors(name)),
      scaleRange: fields.optional('scaleRange', () => readScaleRange(fields)),
      gated: fields.optional('gated', (name) => fields.flag(name)),
      page: fields.optional('page', () => readPage(fields)),
    }),
    files,
    embedded,
    licence: fields.text('licence'),
    source: fields.text('source'),
    graphs: (fields.optional('graphs', (name) => fields.objects(name)) ?? []).map((graph) => ({
      path: readPath(graph, base),
      bytes: graph.count('bytes'),
      sha256: graph.sha256('sha256'),
      precision: graph.choice('precision', PRECISIONS),
      scale: graph.count('scale'),
      height: graph.count('height'),
      width: graph.count('width'),
    })),
  };
}

/** The least and the greatest factor. */
function readScaleRange(fields: JsonFields): [number, number] {
  const [least, greatest, ...more] = fields.factors('scaleRange');
  if (least !== undefined && greatest !== undefined && least < greatest && more.length === 0) {
    return [least, greatest];
  }
  throw fields.refuse('scaleRange', 'the least and the greatest factor');
}

/** Only files of a hub may leave out what their server will say. */
function readFile(fields: JsonFields, base: string | undefined, embedded: boolean): CatalogFile {
  const path = readPath(fields, base);
  const own = embedded || !/^https?:/.test(path);
  if (own) return { path, bytes: fields.count('bytes'), sha256: fields.sha256('sha256') };
  return defined({
    path,
    bytes: fields.size('bytes'),
    sha256: fields.optional('sha256', (name) => fields.sha256(name)),
    keep: fields.optional('keep', (name) => fields.texts(name)),
    container: fields.optional('container', (name) => fields.choice(name, CONTAINERS)),
  });
}

/** It becomes a link: only addresses of web pages. */
function readPage(fields: JsonFields): string {
  const page = fields.text('page');
  if (!/^https?:\/\//.test(page) || !URL.canParse(page))
    throw fields.refuse('page', 'the address of a web page');
  return page;
}

function readPath(fields: JsonFields, base: string | undefined): string {
  const path = fields.text('path');
  if (!isAllowedAddress(path, base)) {
    throw fields.refuse('path', 'a relative path or an https address');
  }
  return path;
}

/** Two models with one id, or one file with two sizes or hashes, would make the store give out the wrong bytes. */
function refuseContradiction({ id, files }: CatalogEntry, others: readonly CatalogEntry[]): void {
  if (others.some((other) => other.id === id)) throw contradiction(`lists the model ${id} twice`);
  const known = [...others.flatMap((other) => other.files), ...files];
  for (const { path, bytes, sha256 } of files) {
    const other = known.find((file) => file.path === path)!;
    if (other.bytes !== bytes || other.sha256 !== sha256) {
      throw contradiction(`gives ${path} two sizes or hashes`);
    }
  }
}

function contradiction(what: string): LeapError {
  return new LeapError('damaged-file', `The catalogue of models is damaged: it ${what}.`);
}
