import { readBuffer } from '../../client/input/read-buffer';
import type { GpuTensor } from '../../client/types';
import type { EngineUpscaleOptions } from '../../engine/api';
import type { GpuGrids } from '../../engine/device/web/gpu-grids';
import { importTensor } from '../../engine/device/web/tensor-kernels';
import { LeapError } from '../../errors';
import { checkSides, FAMILIES, latentFromRaw, makeProvenance, patchAffines, readShape } from '../../latent';
import type { Latent, ReadHints } from '../../latent/types';

/** A latent whose values stay on the host's device, and the way to them. */
export interface GpuSource {
  /** Without values. */
  latent: Latent;
  openSource: NonNullable<EngineUpscaleOptions['openSource']>;
}

/**
 * A tensor on the host's device as a latent. Nothing of it is read back, so nothing is guessed from its values: the
 * hints have to say family and space, and the size of packed tokens.
 *
 * @throws LeapError `bad-option`, `not-a-latent`, `too-large`, `unsupported`
 */
export function openGpuSource(tensor: GpuTensor, hints: ReadHints): GpuSource {
  const { gpuBuffer, device: gpu, dtype = 'float32' } = tensor;
  const shape = Array.from(tensor.dims);
  const { family, space } = hints;
  const item = typeof hints.item === 'number' ? hints.item : 0;
  if (!family || !space) {
    throw new LeapError('bad-option', 'A tensor that stays on the GPU needs the hints family and space.');
  }
  const reading = readShape(shape, { family, layout: hints.layout })[0]!;
  const { width, height } = reading.layout === 'packed' ? packedSize(hints, reading.tokens) : reading;
  checkSides({ width, height }, shape);
  if (!(Number.isInteger(item) && item >= 0 && item < reading.items)) {
    throw new LeapError(
      'bad-option',
      `There is no item ${item}, counted from 0, in this batch of ${reading.items}.`,
    );
  }
  const { channels } = FAMILIES[family];
  const dims: Latent['dims'] = [channels, height, width];
  const bytes = reading.items * channels * height * width * (dtype === 'float16' ? 2 : 4);
  if (gpuBuffer.size < bytes) {
    throw new LeapError(
      'bad-option',
      `A buffer of ${gpuBuffer.size} bytes does not hold the dims [${shape}].`,
    );
  }
  const affines = patchAffines(family, space, hints.batchNorm);
  return {
    latent: {
      family,
      dims,
      data: new Float32Array(),
      provenance: makeProvenance({
        name: hints.name ?? '',
        container: 'tensor',
        shape,
        dtype: dtype === 'float16' ? 'F16' : 'F32',
        space,
        item,
        items: reading.items,
      }),
    },
    async openSource(device) {
      if (device.backend === 'webgpu') {
        const { layout } = reading;
        return importTensor(device.grids as GpuGrids, gpu, { gpuBuffer, dims, layout, item, dtype }, affines);
      }
      const raw = await readBuffer({ gpuBuffer, device: gpu, dims: shape, dtype });
      const [latent] = latentFromRaw(raw, { ...hints, width, height, item });
      return device.grids.fromArray(latent!.data, dims);
    },
  };
}

function packedSize({ width, height }: ReadHints, tokens: number): { width: number; height: number } {
  if (width && height && width % 2 === 0 && height % 2 === 0 && (width / 2) * (height / 2) === tokens) {
    return { width, height };
  }
  throw new LeapError(
    'bad-option',
    `${tokens} packed tokens on the GPU need the hints width and height in latent positions, for 2x2 patches.`,
    { tokens, width, height },
  );
}
