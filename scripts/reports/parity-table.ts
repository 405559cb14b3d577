import type { Precision } from '../../src/graph';
import type { LoadedWeights } from '../../src/graph/onnx/pack-weights';
import { openWorkbench, runInPieces } from '../../src/testing/engine/run-in-pieces';
import {
  FILTERS,
  KL_NETWORKS,
  LEAP_LUA_NETWORKS,
  LUA_NETWORKS,
  type ParityNetwork,
  TINY_NETWORKS,
  UPSCALER_NETWORKS,
} from '../../src/testing/graph/parity-cases';
import { randomTensor } from '../../src/testing/graph/random-weights';
import { relativeError, runOnNode } from '../../src/testing/graph/run-on-node';

/**
 * `npx tsx scripts/reports/parity-table.ts [NAME...]`: largest difference from PyTorch (full autoencoders: diffusers), over
 * all sizes of each network, as a Markdown table in units of max |reference|. On Node's CPU, which keeps fp16 between
 * operations only. `in pieces`: in tiles of 4 latent positions, as the engine runs what does not fit in one piece.
 */
const LABELS: Record<string, string> = {
  'kl-sd': "VAE of SD 1.5, SDXL (diffusers' names)",
  'kl-original': "VAE of SD 1.5, SDXL (CompVis' names)",
  'kl-flux1': 'VAE of SD3, FLUX.1',
  'kl-flux2': 'VAE of FLUX.2',
  'kl-flux2-small': 'VAE of FLUX.2, small decoder',
  'nn-latent-upscale': 'NNLatentUpscale',
  'sd-latent-upscaler': 'SD-Latent-Upscaler',
  lsr: "LSRNA's LSR",
  'leap-lua-full': 'LUA of this project, full size',
  'lua-full': "LUA, the authors' layout and size",
  'lua-plain': "LUA, BasicSR's plain layout",
  'lua-direct': "LUA, BasicSR's lightweight layout",
};
const PRECISIONS = ['fp32', 'fp16'] as const;
const wanted = process.argv.slice(2);

console.log(
  '| network | part | cases | fp32 | fp16 | in pieces, fp32 | fp16 |\n|---|---|---|---|---|---|---|',
);
for (const network of [
  ...KL_NETWORKS,
  ...LUA_NETWORKS,
  ...LEAP_LUA_NETWORKS,
  ...UPSCALER_NETWORKS,
  ...TINY_NETWORKS,
  ...FILTERS,
]) {
  if (wanted.length > 0 && !wanted.includes(network.name)) continue;
  const weights = network.weights();
  for (const part of new Set(network.keys.map(partOf))) {
    const keys = network.keys.filter((key) => partOf(key) === part);
    const cells = [LABELS[network.name] ?? network.name, part, keys.length];
    for (const precision of PRECISIONS) {
      const worst = await worstOf(keys, (key) => errorInOnePiece(network, weights, key, precision));
      cells.push(FILTERS.includes(network) && precision === 'fp16' ? 'always fp32' : worst);
    }
    for (const precision of PRECISIONS) {
      const split = keys.filter((key) => network.steps?.(key, weights));
      const errorOf = (key: string) => errorInPieces(network, weights, key, precision);
      cells.push(split.length > 0 ? await worstOf(split, errorOf) : '');
    }
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** Only full autoencoders have both parts in one file. */
function partOf(key: string): string {
  return key.startsWith('decode') ? 'decoder' : key.startsWith('encode') ? 'encoder' : '';
}

async function worstOf(keys: string[], errorOf: (key: string) => Promise<number>): Promise<string> {
  const errors: number[] = [];
  for (const key of keys) errors.push(await errorOf(key));
  return Math.max(...errors).toExponential(1);
}

async function errorInOnePiece(
  network: ParityNetwork,
  weights: LoadedWeights,
  key: string,
  precision: Precision,
): Promise<number> {
  const graph = network.build(key, weights, precision);
  const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
  return relativeError(output, network.reference(key));
}

async function errorInPieces(
  network: ParityNetwork,
  weights: LoadedWeights,
  key: string,
  precision: Precision,
): Promise<number> {
  const { shape } = network.build(key, weights, 'fp32').input;
  const workbench = await openWorkbench(precision);
  const tile = partOf(key) === 'encoder' ? 32 : 4;
  const size = { height: shape[2], width: shape[3] };
  const { output } = await runInPieces({
    steps: network.steps!(key, weights)!,
    weights,
    ...size,
    tile,
    workbench,
  });
  await workbench.close();
  return relativeError(output, network.reference(key));
}
