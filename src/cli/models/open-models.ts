import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fetchAlsoFiles, openWeights, parseCatalog } from '../../weights/index';
import type { ManagedWeights, WeightsNotice } from '../../weights/types';
import { EMBEDDED_MODELS } from '../embedded-models';
import { createDiskStore } from './disk-store';

/**
 * The models of a folder or of a web address.
 *
 * @param where folder or http(s) address with catalog.json; undefined: the embedded models
 * @throws LeapError `download-failed` when there is no catalogue
 */
export async function openModels(
  where: string | undefined,
  onNotice: (notice: WeightsNotice) => void,
): Promise<ManagedWeights> {
  const folder = toUrl(where);
  const catalogUrl = new URL('catalog.json', folder).href;
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'latent-leap');
  const local = folder.protocol === 'file:' ? await listLocal(folder) : new Map<string, string>();
  return openWeights({
    catalogUrl,
    store: createDiskStore(cache, local),
    fetch: fetchAlsoFiles,
    onNotice,
  });
}

function toUrl(where: string | undefined): URL {
  if (where === undefined) return EMBEDDED_MODELS;
  if (/^https?:/.test(where)) return new URL(where.endsWith('/') ? where : `${where}/`);
  return pathToFileURL(resolve(where) + sep);
}

/** sha256 -> path of the catalogue's files that lie beside it. Without a catalogue: none; opening it will say so. */
async function listLocal(folder: URL): Promise<Map<string, string>> {
  const files = await readFile(new URL('catalog.json', folder), 'utf8')
    .then(
      (text) => parseCatalog(JSON.parse(text), undefined, () => {}).models.flatMap((entry) => entry.files),
      () => [],
    )
    .catch(() => []);
  const relative = files.filter(({ path }) => !/^https?:/.test(path));
  return new Map(
    relative.flatMap(({ path, sha256 }) =>
      sha256 ? [[sha256, fileURLToPath(new URL(path, folder))] as const] : [],
    ),
  );
}
