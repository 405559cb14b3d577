import type { FamilyId } from '../../latent/types';
import type { Catalog, CatalogEntry, CatalogFile } from '../../weights/types';
import { digestOf } from '../digest-of';

/** File name -> bytes of the catalogue below: a trunk that two models share, and a file of each. */
export const TEST_FILES: Record<string, Uint8Array> = {
  'trunk.bin': fill(200_000, 1),
  'flux1.bin': fill(30_000, 2),
  'sdxl.bin': fill(20_000, 3),
};

/** Two models that share a file. The bytes are not real weights. */
export function makeCatalog(): Catalog {
  return { version: 1, models: [makeEntry('flux1'), makeEntry('sdxl')] };
}

function makeEntry(family: FamilyId): CatalogEntry {
  return {
    id: `lua-test-${family}`,
    kind: 'lua',
    architecture: 'lua',
    label: `Test ${family}`,
    family,
    space: 'model',
    scales: [2, 4],
    files: [makeFile('trunk.bin'), makeFile(`${family}.bin`)],
    embedded: true,
    licence: 'Apache-2.0',
    source: 'made for a test',
    graphs: [
      {
        path: `${family}-x2.onnx`,
        bytes: 1000,
        sha256: '0'.repeat(64),
        precision: 'fp32',
        scale: 2,
        height: 64,
        width: 64,
      },
    ],
  };
}

function makeFile(path: string): CatalogFile {
  const bytes = TEST_FILES[path]!;
  return { path, bytes: bytes.length, sha256: digestOf(bytes) };
}

function fill(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * seed * 37) ^ (i >> 8));
}
