import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSafetensorsHeader } from '../src/formats';
import type { Architecture } from '../src/graph';
import { buildGraph, type RecognisedModel, recogniseCheckpoint } from '../src/graph';
import type { LuaConfig, Precision, WeightsFile } from '../src/graph/types';
import type { FamilyId } from '../src/latent/types';
import { luaShapes, RELEASED_LUA } from '../src/testing/graph/network-shapes';

/**
 * `npm run bench:graphs [-- --size N --pytorch PYTHON]`: multiply-adds, dispatches and bytes per latent position of
 * the LUA graphs, and, with a Python that has PyTorch and onnx, of PyTorch's own export of the same network.
 */
const { values } = parseArgs({
  options: { size: { type: 'string', default: '64' }, pytorch: { type: 'string' } },
});
const size = Number(values.size);

const EXPORT = fileURLToPath(new URL('./cases/count_export.py', import.meta.url));

interface Network {
  name: string;
  architecture: Architecture;
  /** The configuration of the network in training/, as JSON. */
  config: object;
  scales: number[];
  files: WeightsFile[];
}

const networks: Network[] = [
  readEmbedded('flux1'),
  {
    name: 'the authors’ LUA',
    architecture: 'lua',
    config: RELEASED_LUA,
    scales: RELEASED_LUA.scales,
    files: [headerOf(RELEASED_LUA)],
  },
];

console.log(`| ${size}x${size} latent | M multiply-adds | dispatches | KB |\n|---|--:|--:|--:|`);
for (const { name, architecture, config, scales, files } of networks) {
  for (const scale of scales) {
    const multiplyAdds = build('fp32').multiplyAdds / size ** 2 / 1e6;
    if (values.pytorch !== undefined) {
      const { dispatches, bytes } = countExport(values.pytorch, config, scale);
      print(`${name} x${scale}, PyTorch's export, fp32`, multiplyAdds, dispatches, bytes);
    }
    for (const precision of ['fp32', 'fp16'] as const) {
      const { dispatches, bytesMoved } = build(precision);
      print(`${name} x${scale}, ours, ${precision}`, multiplyAdds, dispatches, bytesMoved);
    }

    function build(precision: Precision) {
      return buildGraph(architecture, { weights: files, scale, height: size, width: size, precision });
    }
  }
}

function print(label: string, multiplyAdds: number, dispatches: number, bytes: number): void {
  const kilobytes = bytes / size ** 2 / 1000;
  console.log(`| ${label} | ${multiplyAdds.toFixed(2)} | ${dispatches} | ${kilobytes.toFixed(0)} |`);
}

/** The embedded LUA of a family. */
function readEmbedded(family: FamilyId): Network {
  const folder = new URL('../public/models/', import.meta.url);
  const read = (path: string): WeightsFile => {
    const bytes = readFileSync(new URL(path, folder));
    return { path, header: readSafetensorsHeader(bytes, bytes.length) };
  };
  const own = read(`lua-s.${family}.safetensors`);
  const { config, files } = JSON.parse(own.header.metadata.latent_leap!) as {
    config: object;
    files: string[];
  };
  const parts = files.map(read);
  const tensors = parts.flatMap(({ header }) => [...header.entries.values()]);
  const [{ architecture, scales = [] }] = recogniseCheckpoint(tensors, own.header.metadata) as [
    RecognisedModel,
  ];
  return { name: 'lua-s', architecture, config, scales, files: parts };
}

function countExport(python: string, config: object, scale: number): { dispatches: number; bytes: number } {
  const args = [EXPORT, '--config', JSON.stringify(config), '--scale', `${scale}`, '--size', `${size}`];
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return JSON.parse(execFileSync(python, args, { encoding: 'utf8', stdio }));
}

/** A header without bytes behind it: enough to build a graph. */
function headerOf(config: LuaConfig): WeightsFile {
  const entries = Object.entries(luaShapes(config)).map(
    ([name, shape]) => [name, { name, shape, dtype: 'F16' as const, begin: 0, end: 2 }] as const,
  );
  return { path: 'released', header: { entries: new Map(entries), metadata: {}, dataStart: 0 } };
}
