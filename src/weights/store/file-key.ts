import type { CatalogFile, KnownFile } from '../types';

/** A file that is stored as it is served, under its hash. Other files are stored as what was made of them. */
export function isStoredWhole(file: CatalogFile): file is KnownFile {
  return file.sha256 !== undefined && !file.keep && !file.container;
}

/** What is fetched of which revision: files with one key have one stored copy. */
export function fileKey({ path, keep = [], container = 'safetensors', sha256 = '' }: CatalogFile): string {
  return [path, container, sha256, ...keep].join('\n');
}
