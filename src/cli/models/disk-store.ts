import { access, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStoreKey } from '../../weights/index';
import type { WeightsStore } from '../../weights/types';
import { writeWhole } from '../output/part-file';
import { makeFolder } from '../system/make-folder';

/** A finished weights file: neither one that is still being written, nor a file that somebody else put there. */
const isWhole = (name: string) => isStoreKey(name) && !name.endsWith('.part');

/**
 * Weights on disk. Downloads are kept in a cache folder, one file per sha256. Files of a local models folder count as
 * stored; they are never written or deleted.
 *
 * @param cache folder; it is made when it is first needed
 * @param local sha256 -> path of the local models' files
 */
export function createDiskStore(cache: string, local: ReadonlyMap<string, string>): WeightsStore {
  const pathOf = (key: string) => local.get(key) ?? join(cache, key);
  const cached = async () => (await readdir(cache).catch(() => [])).filter(isWhole);
  return {
    async get(key) {
      return readFile(pathOf(key)).catch(() => undefined);
    },
    async set(key, bytes) {
      if (local.has(key)) return;
      await makeFolder(cache);
      // Another process never sees half a file.
      await writeWhole(join(cache, key), bytes);
    },
    has: (key) =>
      access(pathOf(key)).then(
        () => true,
        () => false,
      ),
    async delete(key) {
      if (!local.has(key)) await rm(join(cache, key), { force: true });
    },
    async sizes() {
      const sizes = new Map<string, number>();
      for (const [key, path] of local)
        await stat(path).then(
          ({ size }) => sizes.set(key, size),
          () => {},
        );
      for (const key of await cached()) sizes.set(key, (await stat(join(cache, key))).size);
      return sizes;
    },
    async clear() {
      for (const key of await cached()) await rm(join(cache, key), { force: true });
    },
  };
}
