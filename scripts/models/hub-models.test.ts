import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ONNX_TENSOR, readOnnxEnlarger } from '../../src/graph';
import { luaShapes, type Shapes, SMALL_LUA } from '../../src/testing/graph/network-shapes';
import { writeOnnxEnlarger } from '../../src/testing/graph/onnx-enlarger-file';
import { SMALL_NETWORKS, tensorsOf } from '../../src/testing/graph/small-networks';
import {
  lsrShapes,
  nnLatentUpscaleShapes,
  sdLatentUpscalerShapes,
} from '../../src/testing/graph/upscaler-shapes';
import { expectNetwork } from '../../src/weights/checkpoint/expect-network';
import type { CatalogEntry } from '../../src/weights/types';
import { CONTENT_SECURITY_POLICY } from '../page/security-headers';

const MODELS = JSON.parse(
  readFileSync(new URL('hub-models.json', import.meta.url), 'utf8'),
) as CatalogEntry[];

/** Tensors as the authors publish them, by the architecture of the entry. */
const SHAPES: Record<string, Shapes> = {
  lua: luaShapes(SMALL_LUA),
  'nn-latent-upscale': nnLatentUpscaleShapes(),
  'sd-latent-upscaler': sdLatentUpscalerShapes(),
  lsr: lsrShapes(),
};
const UPSCALERS = MODELS.filter(({ kind }) => kind === 'lua');

/** The code that the file of this entry is refused with; undefined when it is taken. */
function refusal(shapes: Shapes, entry: CatalogEntry): string | undefined {
  try {
    expectNetwork(tensorsOf(shapes), {}, entry);
    return undefined;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

test('the catalogue has the latent upscalers of other people', () => {
  const architectures = new Set(UPSCALERS.map(({ architecture }) => architecture));
  expect([...architectures].toSorted()).toEqual(Object.keys(SHAPES).toSorted());
});

test.each(UPSCALERS)('$id names the space that its network works in', (entry) => {
  const shapes = SHAPES[entry.architecture]!;
  expect(refusal(shapes, entry)).toBeUndefined();
  const other = entry.space === 'model' ? 'decoder' : 'model';
  expect(refusal(shapes, { ...entry, space: other })).toBe('bad-weights');
});

// As published: an entry and what is recognised could agree and both be wrong.
test.each([
  ['nn-latent-upscale', 'decoder'],
  ['sd-latent-upscaler', 'decoder'],
  ['lsr', 'model'],
])('%s takes %s space', (architecture, space) => {
  const spaces = UPSCALERS.filter((entry) => entry.architecture === architecture).map((entry) => entry.space);
  expect(new Set(spaces)).toEqual(new Set([space]));
});

test('a full decoder with a batch normalisation in its file takes model space only', () => {
  const entry = MODELS.find(({ id }) => id === 'vae-flux2')!;
  expect(refusal(SMALL_NETWORKS.flux2Vae, entry)).toBeUndefined();
  expect(refusal(SMALL_NETWORKS.flux2Vae, { ...entry, space: 'decoder' })).toBe('bad-weights');
});

test('the catalogue has upscalers of pictures, with licence, commit and factor', () => {
  const enlargers = MODELS.filter(({ kind }) => kind === 'enlarger');
  expect(enlargers.length).toBeGreaterThan(0);
  const bytes = writeOnnxEnlarger({ scale: 2 });
  // What is found out about one that takes pictures of any size, as these do.
  const metadata = { [ONNX_TENSOR]: JSON.stringify(readOnnxEnlarger(bytes)) };
  const tensor = { name: ONNX_TENSOR, shape: [bytes.length], dtype: 'U8' as const };
  for (const entry of enlargers) {
    expect(() => expectNetwork([tensor], metadata, entry)).not.toThrow();
    expect(entry.licence).toMatch(/^(Apache-2.0|MIT|BSD)/);
    expect(entry.files).toMatchObject([{ container: 'onnx' }]);
    expect(entry.files[0]!.path).toMatch(/^https:\/\/huggingface\.co\/.*\/resolve\/[0-9a-f]{40}\//);
    expect(entry.scales).toEqual([2]);
  }
});

test("the page's policy allows every host of the catalogue", () => {
  const allowed = CONTENT_SECURITY_POLICY.match(/connect-src ([^;]*)/)![1]!.split(' ');
  const hosts = new Set(MODELS.flatMap(({ files }) => files.map(({ path }) => new URL(path).origin)));
  expect(hosts).toContain('https://raw.githubusercontent.com');
  for (const host of hosts) expect(allowed).toContain(host);
});
