/** WGSL kernels that move values between grids. Every grid is an array<f32> in the order [C, H, W]. */

/** Workgroup edge in x and y; the channel is the third dimension. */
export const GROUP = 8;

/** Copies a part of `source` as value * scale + shift. */
export const CUT = /* wgsl */ `
struct Params {
  width: u32, height: u32, sourceWidth: u32, sourceHeight: u32,
  x: u32, y: u32, scale: f32, shift: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_: array<f32>;

@compute @workgroup_size(${GROUP}, ${GROUP}, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width || id.y >= p.height) { return; }
  let read = (id.z * p.sourceHeight + p.y + id.y) * p.sourceWidth + p.x + id.x;
  target_[(id.z * p.height + id.y) * p.width + id.x] = source[read] * p.scale + p.shift;
}
`;

/** Adds the kept part of \`tile\` to \`target_\`, weighted as fadeWeight() in host/fade-weight.ts. */
export const ADD = /* wgsl */ `
struct Params {
  width: u32, height: u32, tileWidth: u32, tileHeight: u32,
  tileX: u32, tileY: u32, targetWidth: u32, targetHeight: u32,
  x: u32, y: u32, scale: f32, shift: f32,
  left: f32, right: f32, top: f32, bottom: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tile: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_: array<f32>;

fn weight(i: u32, length: u32, fadeIn: f32, fadeOut: f32) -> f32 {
  let at = f32(i) + 0.5;
  let left = f32(length - i) - 0.5;
  let rise = select(1.0, at / max(fadeIn, 1.0), at < fadeIn);
  let fall = select(1.0, left / max(fadeOut, 1.0), left < fadeOut);
  return rise * fall;
}

@compute @workgroup_size(${GROUP}, ${GROUP}, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width || id.y >= p.height) { return; }
  let w = weight(id.x, p.width, p.left, p.right) * weight(id.y, p.height, p.top, p.bottom);
  let value = tile[(id.z * p.tileHeight + p.tileY + id.y) * p.tileWidth + p.tileX + id.x];
  target_[(id.z * p.targetHeight + p.y + id.y) * p.targetWidth + p.x + id.x] += w * (value * p.scale + p.shift);
}
`;

/** Turns three planes in [0, 1] into one RGBA word per pixel. */
export const RGBA = /* wgsl */ `
struct Params { width: u32, height: u32, tileWidth: u32, tileHeight: u32, tileX: u32, tileY: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tile: array<f32>;
@group(0) @binding(2) var<storage, read_write> pixels: array<u32>;

fn level(plane: u32, at: u32) -> u32 {
  return u32(round(clamp(tile[plane * p.tileWidth * p.tileHeight + at], 0.0, 1.0) * 255.0));
}

@compute @workgroup_size(${GROUP}, ${GROUP}, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width || id.y >= p.height) { return; }
  let at = (p.tileY + id.y) * p.tileWidth + p.tileX + id.x;
  pixels[id.y * p.width + id.x] = level(0, at) | (level(1, at) << 8) | (level(2, at) << 16) | (255u << 24);
}
`;

export const STATS_GROUP = 256;

/**
 * Finds the least and the greatest finite value, and counts the others. Floats are read as bits, because compilers may
 * assume that there are no NaNs. Atomics take only integers, so each float becomes the integer of the same order.
 */
export const STATS = /* wgsl */ `
struct Stats { least: atomic<u32>, greatest: atomic<u32>, nonFinite: atomic<u32> }
struct Params { count: u32, stride: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var<storage, read_write> stats: Stats;

fn ordered(bits: u32) -> u32 { return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u); }

@compute @workgroup_size(${STATS_GROUP}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var least = 0xffffffffu;
  var greatest = 0u;
  var nonFinite = 0u;
  for (var i = id.x; i < p.count; i += p.stride) {
    let bits = values[i];
    if ((bits & 0x7f800000u) == 0x7f800000u) {
      nonFinite += 1u;
    } else {
      least = min(least, ordered(bits));
      greatest = max(greatest, ordered(bits));
    }
  }
  atomicMin(&stats.least, least);
  atomicMax(&stats.greatest, greatest);
  atomicAdd(&stats.nonFinite, nonFinite);
}
`;

/** Undoes `ordered` of {@link STATS}. */
export function floatOfOrdered(ordered: number): number {
  const bits = ordered >>> 31 === 1 ? ordered & 0x7fffffff : ~ordered;
  return new Float32Array(new Uint32Array([bits >>> 0]).buffer)[0]!;
}
