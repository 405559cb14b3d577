import { readFile } from 'node:fs/promises';
import { fullKl, klShapes, toOriginalNames } from '../../src/testing/graph/kl-shapes';
import { parseCatalog } from '../../src/weights';
import { expectNetwork } from '../../src/weights/checkpoint/expect-network';
import { fetchHubFile } from '../../src/weights/download/fetch-hub-file';
import { serveLayout, type VaeFile } from './serve-layout';

/**
 * `npx tsx scripts/models/hub-bytes.ts`: what is fetched and stored of each full VAE in the catalogue, against the size of
 * its file. The files are made here: tensors of the true shapes under the true names, all zeros. Their sizes are those
 * of the real files, as far as these are documented, so the layouts are the right ones.
 */

/** The names that diffusers gave to attention before 2023. */
const renameAttention = (name: string) =>
  name
    .replace('to_q', 'query')
    .replace('to_k', 'key')
    .replace('to_v', 'value')
    .replace('to_out.0', 'proj_attn');
/** Black Forest Labs have the outer convolutions inside the parts. */
const moveInside = (name: string) =>
  name.replace(/^post_quant/, 'decoder.post_quant').replace(/^quant/, 'encoder.quant');
const rename = (shapes: Record<string, number[]>, change: (name: string) => string) =>
  Object.fromEntries(Object.entries(shapes).map(([name, size]) => [change(name), size]));

const FLUX2 = klShapes(fullKl({ channels: 32, batchNorm: true }));
const SMALL = klShapes(fullKl({ channels: 32, batchNorm: true, decoderWidths: [96, 192, 384, 384] }));
const PLAIN16 = klShapes(fullKl({ channels: 16, quantConv: false }));
const FILES: Record<string, VaeFile> = {
  'vae-sd15-ft-mse': { shapes: rename(klShapes(fullKl()), renameAttention), dtype: 'F32' },
  'vae-sdxl-fp16-fix': { shapes: klShapes(fullKl()), dtype: 'F32', bare: true },
  'vae-sd3': { shapes: PLAIN16, dtype: 'BF16' },
  'vae-flux1': { shapes: toOriginalNames(PLAIN16), dtype: 'F32', bare: true },
  'vae-flux2': { shapes: FLUX2, dtype: 'F32', counter: true },
  'vae-flux2-small': {
    shapes: rename(toOriginalNames(SMALL), moveInside),
    dtype: 'F32',
    counter: true,
    bare: true,
  },
};

const written = await readFile(new URL('hub-models.json', import.meta.url), 'utf8');
const { models } = parseCatalog({ version: 1, models: JSON.parse(written) }, 'https://huggingface.co/');
const number = (value: number) => value.toLocaleString('en').replaceAll(',', ' ');
console.log('| model | file at the hub | fetched | requests | part | stored (fp16) |');
console.log('|---|---:|---:|---:|---:|---:|');
for (const model of models.filter(({ architecture }) => architecture === 'kl-decoder')) {
  const [file] = model.files;
  const layout = FILES[model.id];
  if (!file || !layout) throw new Error(`There is no layout for ${model.id}.`);
  const served = serveLayout(layout, file.bytes);
  const { bytes, receivedBytes, fileBytes } = await fetchHubFile(file.path, file, {
    fetch: served.fetch,
    check: (tensors, metadata) => expectNetwork(tensors, metadata, model),
  });
  const part = ((100 * receivedBytes) / fileBytes).toFixed(1);
  const size = `${number(fileBytes)}${file.bytes ? '' : ' (by its layout)'}`;
  console.log(
    `| ${model.id} | ${size} | ${number(receivedBytes)} | ${served.requests()} | ${part} % | ${number(bytes.length)} |`,
  );
}
