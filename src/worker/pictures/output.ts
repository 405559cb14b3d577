import { transfer } from 'comlink';
import type { TileCallback } from '../../client/protocol';
import type { Output, PictureTile } from '../../client/types';
import type { GridSink } from '../../engine/api';
import type { Device } from '../../engine/device/runtime';
import { asGpu, type GpuGrids } from '../../engine/device/web/gpu-grids';
import { packHalves } from '../../engine/device/web/tensor-kernels';
import { TexturePicture } from '../../engine/device/web/texture-picture';
import { mebibytes } from '../../engine/jobs/plan-network';
import { GridPicture } from '../../engine/pictures/grid-picture';
import { RgbaPicture } from '../../engine/pictures/rgba-picture';
import type { PictureSink } from '../../engine/types';
import { LeapError } from '../../errors';
import { fromFloat32 } from '../../formats';
import { CanvasPicture } from './canvas-picture';
import { openPicture, pictureBytes } from './open-picture';

/** What becomes of the picture of one job. */
export interface JobOutput {
  /** Called again when everything has to be recomputed. */
  open(width: number, height: number, device: Device): PictureSink | GridSink;
  /** Bytes of memory that it takes where it is opened; default: all of its pixels. */
  bytes?: (width: number, height: number) => number;
  /** @throws LeapError `too-large` where the device cannot hold it */
  refuseOversizedPicture?: (width: number, height: number, device: Device) => void;
  /** The part of the result that is the picture, and the buffers to move rather than copy. */
  finish(): Promise<{ picture: object; moved: Transferable[] }>;
}

export interface OutputOptions {
  output: Output;
  dtype: 'float32' | 'float16';
  /** For `canvas`. */
  canvas: OffscreenCanvas | null;
  onTile: TileCallback | null;
  /** The host's device, for what is to be left on it. */
  gpu: GPUDevice | undefined;
}

/** @throws LeapError `bad-option`, `unsupported` */
export function makeOutput({ output, dtype, canvas, onTile, gpu }: OutputOptions): JobOutput {
  switch (output) {
    case 'image':
      if (typeof OffscreenCanvas === 'undefined') {
        const message = 'There are no canvases here for an image. Ask for the output "rgba" or "tensor".';
        throw new LeapError('unsupported', message, { output });
      }
      return {
        ...drawn(openPicture, onTile, async (picture) => {
          const finished = await picture.finish();
          return { picture: finished, moved: [finished.image] };
        }),
        bytes: pictureBytes,
      };
    case 'rgba':
      return drawn(
        (width, height) => new RgbaPicture(width, height),
        onTile,
        async ({ width, height, rgba }) => {
          return { picture: { rgba, width, height }, moved: [rgba.buffer] };
        },
      );
    case 'canvas':
      if (!canvas) throw new LeapError('bad-option', 'The output "canvas" needs the option canvas.');
      return drawn(
        (width, height) => new CanvasPicture(width, height, canvas),
        onTile,
        async () => {
          return { picture: {}, moved: [] };
        },
      );
    case 'tensor':
      return computed(async ({ device, grid }) => {
        const data = inType(dtype, await device.grids.toArray(grid));
        device.checkHealth();
        device.grids.free(grid);
        return { picture: { tensor: { data, dims: [1, ...grid.dims], dtype } }, moved: [data.buffer] };
      });
    case 'gpu-tensor': {
      const shared = needDevice(gpu, output);
      return computed(async (picture) => {
        const gpuBuffer = await leaveOnGpu(shared, picture, dtype);
        const dims = [1, ...picture.grid.dims];
        return { picture: { tensor: { gpuBuffer, device: shared, dims, dtype } }, moved: [] };
      });
    }
    case 'texture': {
      const shared = needDevice(gpu, output);
      let picture: TexturePicture | undefined;
      return {
        open(width, height, device) {
          picture = new TexturePicture(shared, width, height, device);
          return picture;
        },
        refuseOversizedPicture(width, height) {
          const limit = shared.limits.maxTextureDimension2D;
          if (Math.max(width, height) <= limit) return;
          throw tooLargeFor(width, height, `sides of at most ${limit} px`, 'maxTextureDimension2D');
        },
        async finish() {
          const { texture } = opened(picture);
          await picture?.settle();
          return { picture: { texture }, moved: [] };
        },
      };
    }
  }
}

/** A picture made of bytes on this side of the device. */
function drawn<T extends PictureSink>(
  open: (width: number, height: number) => T,
  onTile: TileCallback | null,
  finish: (picture: T) => ReturnType<JobOutput['finish']>,
): JobOutput {
  let picture: T | undefined;
  return {
    open(width, height) {
      picture = open(width, height);
      return onTile ? telling(picture, onTile) : picture;
    },
    finish: () => finish(opened(picture)),
  };
}

/** A picture that is put together on the device. */
function computed(finish: (picture: GridPicture) => ReturnType<JobOutput['finish']>): JobOutput {
  let picture: GridPicture | undefined;
  return {
    open(width, height, device) {
      picture = new GridPicture(width, height, device);
      return picture;
    },
    bytes: tensorBytes,
    refuseOversizedPicture(width, height, device) {
      const [bytes, limit] = [tensorBytes(width, height), device.maxTensorBytes];
      if (bytes <= limit) return;
      const what = `a tensor of ${mebibytes(limit)} MiB, and this one takes ${mebibytes(bytes)} MiB`;
      throw tooLargeFor(width, height, what, 'maxStorageBufferBindingSize');
    },
    finish: () => finish(opened(picture)),
  };
}

/** Three float32 of each pixel. */
const tensorBytes = (width: number, height: number) => 12 * width * height;

function tooLargeFor(width: number, height: number, allowed: string, limit: string): LeapError {
  const message =
    `A picture of ${width} x ${height} px does not fit on the device, which allows ${allowed}. Request the device with a ` +
    `larger ${limit}, or ask for the output "rgba" or "image".`;
  return new LeapError('too-large', message, { width, height, complete: true });
}

/** Tells of each tile once it has been put. */
function telling(sink: PictureSink, onTile: TileCallback): PictureSink {
  return {
    async put(x, y, width, height, rgba) {
      await sink.put(x, y, width, height, rgba);
      const tile: PictureTile = { x, y, width, height, rgba: rgba.slice() };
      onTile(transfer(tile, [tile.rgba.buffer]));
    },
    discard: () => sink.discard?.(),
  };
}

function opened<T>(picture: T | undefined): T {
  if (!picture) throw new LeapError('internal', 'The engine finished without a picture.');
  return picture;
}

function needDevice(gpu: GPUDevice | undefined, output: Output): GPUDevice {
  if (gpu) return gpu;
  const message = `The output "${output}" stays on a GPU: it needs the options thread: 'this' and device.`;
  throw new LeapError('bad-option', message, { output });
}

async function leaveOnGpu(
  gpu: GPUDevice,
  { device, grid }: GridPicture,
  dtype: OutputOptions['dtype'],
): Promise<GPUBuffer> {
  // A job that the processor had to do.
  if (device.backend !== 'webgpu') return upload(gpu, inType(dtype, await device.grids.toArray(grid)));
  const { buffer } = asGpu(grid);
  if (dtype === 'float32') return buffer;
  const [channels, height, width] = grid.dims;
  const halves = packHalves(device.grids as GpuGrids, gpu, buffer, channels * height * width);
  buffer.destroy();
  return halves;
}

function upload(gpu: GPUDevice, data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>): GPUBuffer {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const size = Math.ceil(data.byteLength / 16) * 16;
  const buffer = gpu.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  // Only whole words can be written: an odd number of halves is completed.
  const odd = data.byteLength % 4 !== 0;
  gpu.queue.writeBuffer(buffer, 0, odd ? Uint16Array.from([...data, 0]) : data);
  return buffer;
}

function inType(
  dtype: OutputOptions['dtype'],
  data: Float32Array,
): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  if (dtype === 'float32') return data as Float32Array<ArrayBuffer>;
  const { buffer, byteOffset } = fromFloat32(data, 'F16');
  return new Uint16Array(buffer as ArrayBuffer, byteOffset, data.length);
}
