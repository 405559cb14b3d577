import { LeapError } from '../../../errors';
import type { Affine, Dims, Grid, Grids, Placement, Rect, TileMoments, TileStats } from '../runtime';
import { ADD, CUT, floatOfOrdered, GROUP, RGBA, STATS, STATS_GROUP } from './kernels';
import { MOMENTS } from './moments-kernel';

/** A grid in a storage buffer. */
export interface GpuGrid extends Grid {
  buffer: GPUBuffer;
}

export function asGpu(grid: Grid): GpuGrid {
  if ('buffer' in grid) return grid as GpuGrid;
  throw new LeapError('internal', 'A grid of the host was given to the GPU.');
}

/** Invocations of the statistics kernel; each takes every n-th value. */
const STATS_THREADS = 64 * STATS_GROUP;

/** Grids in buffers of one GPU device, moved by small kernels on the same queue as onnxruntime's. */
export class GpuGrids implements Grids {
  readonly #gpu: GPUDevice;
  readonly #lost: Promise<never>;
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  /** @param lost rejects when the device is lost, so that no read-back waits forever */
  constructor(gpu: GPUDevice, lost: Promise<never>) {
    this.#gpu = gpu;
    this.#lost = lost;
  }

  fromArray(data: Float32Array, dims: Dims): GpuGrid {
    const grid = this.zeros(dims);
    this.#gpu.queue.writeBuffer(grid.buffer, 0, data as Float32Array<ArrayBuffer>);
    return grid;
  }

  zeros(dims: Dims): GpuGrid {
    return { dims, buffer: this.#storage(dims[0] * dims[1] * dims[2] * 4) };
  }

  cut(source: Grid, x: number, y: number, target: Grid, { scale, shift }: Affine): void {
    const [channels, height, width] = target.dims;
    const [, sourceHeight, sourceWidth] = source.dims;
    const params = [u32(width, height, sourceWidth, sourceHeight, x, y), f32(scale, shift)];
    const buffers = [asGpu(source).buffer, asGpu(target).buffer];
    this.compute(CUT, params, buffers, gridGroups(width, height, channels));
  }

  place(tile: Grid, { rect, x, y, fade }: Placement, target: Grid, { scale, shift }: Affine): void {
    const [channels, tileHeight, tileWidth] = tile.dims;
    const [, targetHeight, targetWidth] = target.dims;
    const params = [
      u32(rect.width, rect.height, tileWidth, tileHeight, rect.x, rect.y, targetWidth, targetHeight, x, y),
      f32(scale, shift, fade.left, fade.right, fade.top, fade.bottom),
    ];
    const groups = gridGroups(rect.width, rect.height, channels);
    this.compute(ADD, params, [asGpu(tile).buffer, asGpu(target).buffer], groups);
  }

  add(tile: Grid, placement: Placement, target: Grid, affine: Affine): Promise<TileStats> {
    this.place(tile, placement, target, affine);
    return this.measure(tile);
  }

  async toRgba(tile: Grid, rect: Rect) {
    const [, tileHeight, tileWidth] = tile.dims;
    const bytes = rect.width * rect.height * 4;
    const pixels = this.#storage(bytes);
    const params = [u32(rect.width, rect.height, tileWidth, tileHeight, rect.x, rect.y)];
    this.compute(RGBA, params, [asGpu(tile).buffer, pixels], gridGroups(rect.width, rect.height, 1));
    const [rgba, stats] = await Promise.all([this.#readBack(pixels, bytes), this.measure(tile)]);
    pixels.destroy();
    return { rgba: new Uint8ClampedArray(rgba), stats };
  }

  async moments(tile: Grid, rect: Rect): Promise<TileMoments> {
    const [channels, tileHeight, tileWidth] = tile.dims;
    const result = this.#storage(2 * channels * 4);
    const params = [u32(rect.width, rect.height, tileWidth, tileHeight, rect.x, rect.y, channels)];
    this.compute(MOMENTS, params, [asGpu(tile).buffer, result], [channels, 1, 1]);
    const values = new Float32Array(await this.#readBack(result, 2 * channels * 4));
    result.destroy();
    const count = rect.width * rect.height;
    return { count, mean: values.subarray(0, channels), squares: values.subarray(channels) };
  }

  async toArray(grid: Grid): Promise<Float32Array> {
    const [channels, height, width] = grid.dims;
    return new Float32Array(await this.#readBack(asGpu(grid).buffer, channels * height * width * 4));
  }

  free(grid: Grid): void {
    asGpu(grid).buffer.destroy();
  }

  async measure(tile: Grid): Promise<TileStats> {
    const [channels, height, width] = tile.dims;
    const result = this.#storage(12);
    this.#gpu.queue.writeBuffer(result, 0, new Uint32Array([0xffffffff, 0, 0]));
    const params = [u32(channels * height * width, STATS_THREADS)];
    this.compute(STATS, params, [asGpu(tile).buffer, result], [STATS_THREADS / STATS_GROUP, 1, 1]);
    const [least = 0, greatest = 0, nonFinite = 0] = new Uint32Array(await this.#readBack(result, 12));
    result.destroy();
    return { min: floatOfOrdered(least), max: floatOfOrdered(greatest), nonFinite };
  }

  #storage(bytes: number): GPUBuffer {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    // onnxruntime binds whole vectors of four floats.
    return this.#gpu.createBuffer({ size: Math.ceil(bytes / 16) * 16, usage: STORAGE | COPY_SRC | COPY_DST });
  }

  /** A kernel from one buffer to another, with constants of its own in the binding after them where it has some. */
  compute(code: string, params: ArrayBuffer[], buffers: GPUBuffer[], groups: [number, number, number]): void {
    const size = Math.ceil(params.reduce((sum, part) => sum + part.byteLength, 0) / 16) * 16;
    const uniform = this.#gpu.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    let offset = 0;
    for (const part of params) {
      this.#gpu.queue.writeBuffer(uniform, offset, part);
      offset += part.byteLength;
    }
    const pipeline = this.#pipeline(code);
    const bindings = this.#gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [uniform, ...buffers].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...groups);
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
    // Allowed at once: what has been submitted keeps it alive.
    uniform.destroy();
  }

  #pipeline(code: string): GPUComputePipeline {
    let pipeline = this.#pipelines.get(code);
    if (!pipeline) {
      const module = this.#gpu.createShaderModule({ code });
      pipeline = this.#gpu.createComputePipeline({ layout: 'auto', compute: { module } });
      this.#pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  async #readBack(source: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    const size = Math.ceil(bytes / 4) * 4;
    const staging = this.#gpu.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.#gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, staging, 0, size);
    this.#gpu.queue.submit([encoder.finish()]);
    try {
      await Promise.race([staging.mapAsync(GPUMapMode.READ), this.#lost]).catch((cause) => {
        if (cause instanceof LeapError) throw cause;
        // The loss may show here first, as an AbortError that must not pass for a cancelled job.
        throw new LeapError('device-lost', `The GPU gave nothing back: ${cause}`, {}, { cause });
      });
      return staging.getMappedRange().slice(0, bytes);
    } finally {
      staging.destroy();
    }
  }
}

export function gridGroups(width: number, height: number, channels: number): [number, number, number] {
  return [Math.ceil(width / GROUP), Math.ceil(height / GROUP), channels];
}

export function u32(...values: number[]): ArrayBuffer {
  return new Uint32Array(values).buffer;
}

function f32(...values: number[]): ArrayBuffer {
  return new Float32Array(values).buffer;
}
