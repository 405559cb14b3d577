import { defined } from '../../defined';
import { LeapError, throwIfAborted } from '../../errors';
import { beginsAsTorch, readTensorFile, TORCH_HEAD_BYTES, writeSafetensors } from '../../formats';
import type { NamedTensor } from '../../formats/types';
import { beginsAsOnnx, ONNX_TENSOR, readOnnxEnlarger } from '../../graph';
import { type ByteSource, readAll } from './byte-source';
import type { TensorFacts } from './check-network';
import { narrowTensor } from './narrow-tensor';
import { pickTensors } from './pick-tensors';
import { ownMetadata, readHeader, readTensors } from './read-checkpoint';

/** A torch file has to be in memory to be unpacked; that of a full VAE has 335 MB. */
const MAX_TORCH_BYTES = 2 ** 30;
/** The largest upscalers of pictures have 70 MB; a whole one is handed to the runtime. */
const MAX_ONNX_BYTES = 2 ** 29;

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Bytes of the file that were read, and that will have been read in the end. */
  onProgress?: ((loaded: number, total: number) => void) | undefined;
}

/** A file of weights, whose tensors are known and can be read. */
export interface Checkpoint {
  container: 'safetensors' | 'torch' | 'onnx';
  tensors: readonly TensorFacts[];
  metadata: Record<string, string>;
  /**
   * The tensors under these prefixes, as a safetensors file: floats as float16, or, if `exact`, as they are.
   * @param keep undefined: all of them
   */
  read(keep: readonly string[] | undefined, options?: ReadOptions & { exact?: boolean }): Promise<Uint8Array>;
}

/**
 * Opens a checkpoint. Its first bytes tell the container. Only the header of a safetensors file is read
 * here. A torch file is read as a whole, as data only.
 *
 * @throws LeapError `too-large`, what the readers throw, and what the source throws
 */
export async function openCheckpoint(source: ByteSource, options: ReadOptions = {}): Promise<Checkpoint> {
  const head = await readAll(source, 0, Math.min(TORCH_HEAD_BYTES, source.size));
  if (beginsAsTorch(head)) return openTorch(source, options);
  return beginsAsOnnx(head) ? openOnnx(source, options) : openSafetensors(source);
}

async function openSafetensors(source: ByteSource): Promise<Checkpoint> {
  const header = await readHeader(source);
  const { metadata, dataStart } = header;
  return {
    container: 'safetensors',
    tensors: [...header.entries.values()],
    metadata,
    async read(keep, { exact, signal, onProgress } = {}) {
      const stretches = pickTensors(header, keep);
      const total = stretches.reduce((sum, { begin, end }) => sum + end - begin, dataStart);
      let loaded = dataStart;
      return readTensors(source, stretches, {
        ...defined({ exact }),
        metadata,
        signal,
        onRead: (count) => {
          loaded += count;
          onProgress?.(Math.min(loaded, total), total);
        },
      });
    },
  };
}

function readWhole(source: ByteSource, { signal, onProgress }: ReadOptions): Promise<Uint8Array> {
  const { size } = source;
  return readAll(source, 0, size, (done) => {
    throwIfAborted(signal);
    onProgress?.(done, size);
  });
}

/** An upscaler of pictures; it is kept as one tensor of bytes, with what was found out about it. */
async function openOnnx(source: ByteSource, options: ReadOptions): Promise<Checkpoint> {
  const { size, name } = source;
  if (size > MAX_ONNX_BYTES) {
    const message = `${name} has ${size} bytes. ONNX files are read up to ${MAX_ONNX_BYTES}.`;
    throw new LeapError('too-large', message, { bytes: size, limit: MAX_ONNX_BYTES });
  }
  const bytes = await readWhole(source, options);
  const metadata = { [ONNX_TENSOR]: JSON.stringify(readOnnxEnlarger(bytes)) };
  const tensor: NamedTensor = { name: ONNX_TENSOR, shape: [bytes.length], dtype: 'U8', bytes };
  return {
    container: 'onnx',
    tensors: [tensor],
    metadata,
    read: async () => writeSafetensors([tensor], metadata),
  };
}

async function openTorch(source: ByteSource, options: ReadOptions): Promise<Checkpoint> {
  const { size, name } = source;
  if (size > MAX_TORCH_BYTES) {
    const message = `${name} has ${size} bytes. PyTorch files are read up to ${MAX_TORCH_BYTES}. Save its tensors as safetensors.`;
    throw new LeapError('too-large', message, { bytes: size, limit: MAX_TORCH_BYTES, complete: true });
  }
  const { tensors, metadata } = readTensorFile(await readWhole(source, options));
  return {
    container: 'torch',
    tensors,
    metadata,
    async read(keep, { exact } = {}) {
      const wanted = tensors.filter(({ name }) => !keep || keep.some((prefix) => name.startsWith(prefix)));
      const kept = wanted.map(
        (tensor): NamedTensor =>
          exact ? tensor : { ...tensor, ...narrowTensor(tensor.dtype, tensor.bytes) },
      );
      return writeSafetensors(kept, ownMetadata(metadata));
    },
  };
}
