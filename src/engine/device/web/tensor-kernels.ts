import type { Layout } from '../../../latent/types';
import { type GpuGrid, type GpuGrids, gridGroups, u32 } from './gpu-grids';
import { GROUP } from './kernels';

/** The order in which the kernel numbers the layouts. */
const LAYOUTS: readonly Layout[] = ['unpacked', 'packed', 'patchified'];

/**
 * One item of a host's tensor as [C, H, W] in float32: layout, number format and space at once. The orders are those
 * of `unpackItem` in src/latent/shape/unpack.ts. `table`: a factor for each of the 4C patch channels, then the summands.
 */
const IMPORT = /* wgsl */ `
struct Params { channels: u32, height: u32, width: u32, order: u32, item: u32, half: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> target_: array<f32>;
@group(0) @binding(3) var<storage, read> table: array<f32>;

fn valueAt(at: u32) -> f32 {
  if (p.half == 0u) { return bitcast<f32>(source[at]); }
  let pair = unpack2x16float(source[at / 2u]);
  return select(pair.x, pair.y, at % 2u == 1u);
}

@compute @workgroup_size(${GROUP}, ${GROUP}, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width || id.y >= p.height) { return; }
  let patchChannel = id.z * 4u + (id.y % 2u) * 2u + id.x % 2u;
  let patches = (p.height / 2u) * (p.width / 2u);
  let patchAt = (id.y / 2u) * (p.width / 2u) + id.x / 2u;
  let to = (id.z * p.height + id.y) * p.width + id.x;
  var at = to;
  if (p.order == 1u) { at = patchAt * p.channels * 4u + patchChannel; }
  if (p.order == 2u) { at = patchChannel * patches + patchAt; }
  let value = valueAt(p.item * p.channels * p.height * p.width + at);
  target_[to] = value * table[patchChannel] + table[p.channels * 4u + patchChannel];
}
`;

const PACK_THREADS = 256;

/** float32 to float16, two values a word. */
const PACK = /* wgsl */ `
struct Params { words: u32, stride: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_: array<u32>;

@compute @workgroup_size(${PACK_THREADS}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var i = id.x; i < p.words; i += p.stride) {
    target_[i] = pack2x16float(vec2f(source[2u * i], source[2u * i + 1u]));
  }
}
`;

/** A host's tensor in a buffer, and how it is laid out. The buffer needs the usage STORAGE. */
export interface GpuHostTensor {
  gpuBuffer: GPUBuffer;
  /** Sizes of one item, unpacked: [C, H, W]. */
  dims: readonly [number, number, number];
  layout: Layout;
  item: number;
  dtype: 'float32' | 'float16';
}

/** @param affines of the 4C channels of a 2x2 patch, as `patchAffines` gives them */
export function importTensor(
  grids: GpuGrids,
  gpu: GPUDevice,
  { gpuBuffer, dims, layout, item, dtype }: GpuHostTensor,
  affines: { scale: Float32Array; shift: Float32Array },
): GpuGrid {
  const [channels, height, width] = dims;
  const grid = grids.zeros(dims);
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const table = gpu.createBuffer({ size: channels * 4 * 8, usage: STORAGE | COPY_DST });
  gpu.queue.writeBuffer(table, 0, Float32Array.from([...affines.scale, ...affines.shift]));
  const half = dtype === 'float16' ? 1 : 0;
  const params = u32(channels, height, width, LAYOUTS.indexOf(layout), item, half);
  grids.compute(IMPORT, [params], [gpuBuffer, grid.buffer, table], gridGroups(width, height, channels));
  table.destroy();
  return grid;
}

/** The values of a buffer as float16 in a new one, which ends in a 0 more where their number is odd. */
export function packHalves(grids: GpuGrids, gpu: GPUDevice, source: GPUBuffer, count: number): GPUBuffer {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const size = Math.ceil((count * 2) / 16) * 16;
  const target = gpu.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const groups = 64;
  grids.compute(PACK, [u32(Math.ceil(count / 2), groups * PACK_THREADS)], [source, target], [groups, 1, 1]);
  return target;
}
