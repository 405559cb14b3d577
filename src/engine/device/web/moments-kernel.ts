/** One workgroup for each channel. */
const THREADS = 256;
/** This many values are summed by themselves first, because long sums in fp32 lose digits. */
const BLOCK = 32;

/**
 * The mean of each channel over a part of a tile, and the sum of the squared differences from it: [C] means, then [C]
 * sums. The values are read twice, because a single pass over raw squares loses everything where the mean is large.
 */
export const MOMENTS = /* wgsl */ `
struct Params { width: u32, height: u32, tileWidth: u32, tileHeight: u32, tileX: u32, tileY: u32, channels: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tile: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;

var<workgroup> partial: array<f32, ${THREADS}>;

fn valueAt(channel: u32, i: u32) -> f32 {
  let row = p.tileY + i / p.width;
  let column = p.tileX + i % p.width;
  return tile[(channel * p.tileHeight + row) * p.tileWidth + column];
}

/** The sum of every THREADS-th value, or of their squares about the centre. */
fn gather(channel: u32, thread: u32, centre: f32, squared: bool) -> f32 {
  let count = p.width * p.height;
  var total = 0.0;
  var i = thread;
  while (i < count) {
    var block = 0.0;
    for (var n = 0u; n < ${BLOCK}u && i < count; n += 1u) {
      let value = valueAt(channel, i) - centre;
      block += select(value, value * value, squared);
      i += ${THREADS}u;
    }
    total += block;
  }
  return total;
}

fn addUp(thread: u32, value: f32) -> f32 {
  workgroupBarrier();
  partial[thread] = value;
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  return partial[0];
}

@compute @workgroup_size(${THREADS}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let channel = group.x;
  let mean = addUp(thread, gather(channel, thread, 0.0, false)) / f32(p.width * p.height);
  let squares = addUp(thread, gather(channel, thread, mean, true));
  if (thread == 0u) {
    moments[channel] = mean;
    moments[p.channels + channel] = squares;
  }
}
`;
