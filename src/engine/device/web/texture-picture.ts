import { LeapError } from '../../../errors';
import type { GridSink } from '../../api';
import type { Device, Grid, Rect } from '../runtime';
import { asGpu } from './gpu-grids';
import { GROUP } from './kernels';

/** Three planes in [0, 1] into a texture; a value that is not a number leaves a mark in `broken`. */
const DRAW = /* wgsl */ `
struct Params { width: u32, height: u32, tileWidth: u32, tileHeight: u32, tileX: u32, tileY: u32, x: u32, y: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tile: array<u32>;
@group(0) @binding(2) var picture: texture_storage_2d<rgba8unorm, write>;
@group(0) @binding(3) var<storage, read_write> broken: array<atomic<u32>>;

fn level(plane: u32, at: u32) -> f32 {
  let bits = tile[plane * p.tileWidth * p.tileHeight + at];
  if ((bits & 0x7f800000u) == 0x7f800000u) { atomicAdd(&broken[0], 1u); }
  return clamp(bitcast<f32>(bits), 0.0, 1.0);
}

@compute @workgroup_size(${GROUP}, ${GROUP}, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.width || id.y >= p.height) { return; }
  let at = (p.tileY + id.y) * p.tileWidth + p.tileX + id.x;
  let color = vec4f(level(0, at), level(1, at), level(2, at), 1.0);
  textureStore(picture, vec2u(p.x + id.x, p.y + id.y), color);
}
`;

/** A picture in a texture of the host's device, rgba8unorm. It never leaves the GPU. */
export class TexturePicture implements GridSink {
  readonly texture: GPUTexture;
  readonly #gpu: GPUDevice;
  readonly #device: Device;
  readonly #broken: GPUBuffer;
  readonly #pipeline: GPUComputePipeline;
  /** Tiles of a job that the processor had to do: how many of their values are not numbers. */
  #uploads: Promise<number>[] = [];

  constructor(gpu: GPUDevice, width: number, height: number, device: Device) {
    const { STORAGE_BINDING, TEXTURE_BINDING, COPY_SRC, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
    this.#gpu = gpu;
    this.#device = device;
    this.texture = gpu.createTexture({
      size: [width, height],
      format: 'rgba8unorm',
      usage: STORAGE_BINDING | TEXTURE_BINDING | COPY_SRC | COPY_DST | RENDER_ATTACHMENT,
    });
    const { STORAGE, COPY_SRC: FROM, COPY_DST: TO } = GPUBufferUsage;
    this.#broken = gpu.createBuffer({ size: 4, usage: STORAGE | FROM | TO });
    const module = gpu.createShaderModule({ code: DRAW });
    this.#pipeline = gpu.createComputePipeline({ layout: 'auto', compute: { module } });
  }

  putGrid(tile: Grid, rect: Rect, x: number, y: number): void {
    if (this.#device.backend === 'webgpu') this.#draw(tile, rect, x, y);
    else {
      const upload = this.#upload(tile, rect, x, y);
      upload.catch(() => {});
      this.#uploads.push(upload);
    }
  }

  /** Waits for what is on its way. Nothing more is put after it. */
  async settle(): Promise<void> {
    await Promise.all(this.#uploads);
    this.#broken.destroy();
  }

  async check(): Promise<void> {
    const uploaded = await Promise.all(this.#uploads);
    const nonFinite = uploaded.reduce((sum, count) => sum + count, await this.#readBroken());
    this.#device.checkHealth();
    if (nonFinite === 0) return;
    throw new LeapError('bad-output', `The decoder gave ${nonFinite} values that are not numbers.`, {
      nonFinite,
    });
  }

  discard(): void {
    this.texture.destroy();
    this.#broken.destroy();
  }

  async #readBroken(): Promise<number> {
    const { COPY_DST, MAP_READ } = GPUBufferUsage;
    const staging = this.#gpu.createBuffer({ size: 4, usage: COPY_DST | MAP_READ });
    const encoder = this.#gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#broken, 0, staging, 0, 4);
    this.#gpu.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return new Uint32Array(staging.getMappedRange())[0]!;
    } catch (cause) {
      // A lost device ends this with an AbortError, which must not pass for a cancelled job.
      throw new LeapError('device-lost', `The GPU gave nothing back: ${cause}`, {}, { cause });
    } finally {
      staging.destroy();
    }
  }

  #draw(tile: Grid, rect: Rect, x: number, y: number): void {
    const [, tileHeight, tileWidth] = tile.dims;
    const gpu = this.#gpu;
    const params = gpu.createBuffer({ size: 32, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    const values = [rect.width, rect.height, tileWidth, tileHeight, rect.x, rect.y, x, y];
    gpu.queue.writeBuffer(params, 0, new Uint32Array(values));
    const bindings = gpu.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: params } },
        { binding: 1, resource: { buffer: asGpu(tile).buffer } },
        { binding: 2, resource: this.texture.createView() },
        { binding: 3, resource: { buffer: this.#broken } },
      ],
    });
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(Math.ceil(rect.width / GROUP), Math.ceil(rect.height / GROUP));
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    params.destroy();
  }

  async #upload(tile: Grid, rect: Rect, x: number, y: number): Promise<number> {
    const { rgba, stats } = await this.#device.grids.toRgba(tile, rect);
    const layout = { bytesPerRow: rect.width * 4 };
    this.#gpu.queue.writeTexture({ texture: this.texture, origin: [x, y] }, rgba, layout, [
      rect.width,
      rect.height,
    ]);
    return stats.nonFinite;
  }
}
