import { defined } from '../../defined';
import { LeapError, throwIfAborted } from '../../errors';
import { MAX_HEADER_BYTES, readSafetensorsHeader } from '../../formats';
import type { NamedTensor, SafetensorsHeader, TensorEntry } from '../../formats/types';
import { allocate } from '../allocate';
import { type ByteSource, readAll } from './byte-source';
import { narrowDtype, narrowTensor } from './narrow-tensor';
import type { Stretch } from './pick-tensors';
import { TensorSink } from './tensor-sink';

/** The first request: holds the header of most checkpoints (that of a full VAE has 28 kB). */
export const HEAD_BYTES = 64 * 1024;

/** @throws LeapError `damaged-file`, `too-large`, `unsupported`, and what the source throws */
export async function readHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const head = await readAll(source, 0, Math.min(HEAD_BYTES, source.size));
  if (head.length < 8) throw new LeapError('damaged-file', `${source.name} is too short for a model.`);
  const length = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  const needed = 8 + length;
  // The reader below refuses nonsense before anything is fetched for it.
  if (needed <= head.length || needed > source.size || length > MAX_HEADER_BYTES) {
    return readSafetensorsHeader(head, source.size);
  }
  const rest = await readAll(source, head.length, needed);
  const whole = new Uint8Array(head.length + rest.length);
  whole.set(head);
  whole.set(rest, head.length);
  return readSafetensorsHeader(whole, source.size);
}

export interface ReadTensorsOptions {
  /** Leave floats as they are. Otherwise they are narrowed to float16. */
  exact?: boolean;
  /** The metadata of the source. Only what this project writes is kept. */
  metadata?: Record<string, string>;
  /** Tensors that are here already, as they are stored; they come first. */
  have?: readonly NamedTensor[];
  signal?: AbortSignal | undefined;
  /** Called for every piece, with its bytes. */
  onRead?: ((bytes: number) => void) | undefined;
  /** Called for every tensor that is complete, as it is stored; the next one waits for it. */
  onTensor?: ((tensor: NamedTensor) => Promise<void>) | undefined;
}

/**
 * The tensors of these stretches as a safetensors file. At most one tensor at a time is in memory as the source has it.
 *
 * @throws LeapError `damaged-file` when the source ends early, `cancelled`, and what the source throws
 */
export async function readTensors(
  source: ByteSource,
  stretches: readonly Stretch[],
  { exact = false, metadata = {}, have = [], signal, onRead, onTensor }: ReadTensorsOptions = {},
): Promise<Uint8Array> {
  const fresh = stretches.flatMap(({ entries }) => entries);
  const sink = new TensorSink([...have, ...fresh], {
    typeOf: exact ? (dtype) => dtype : narrowDtype,
    metadata: ownMetadata(metadata),
  });
  for (const { name, shape, dtype, bytes } of have) sink.add(name, shape, dtype, bytes);
  for (const stretch of stretches) {
    const complete: NamedTensor[] = [];
    const cutter = new Cutter(stretch, ({ name, shape, dtype }, bytes) => {
      complete.push({ name, shape, ...(exact ? { dtype, bytes } : narrowTensor(dtype, bytes)) });
    });
    const takeComplete = async () => {
      for (const tensor of complete.splice(0)) {
        sink.add(tensor.name, tensor.shape, tensor.dtype, tensor.bytes);
        await onTensor?.(tensor);
      }
    };
    for await (const piece of source.read(stretch.begin, stretch.end)) {
      throwIfAborted(signal);
      cutter.push(piece);
      onRead?.(piece.length);
      await takeComplete();
    }
    cutter.finish(source.name);
    await takeComplete();
  }
  return sink.finish();
}

/** What a stored checkpoint keeps of its metadata: the configuration of models of this project. */
export function ownMetadata({ latent_leap: text }: Record<string, string>): Record<string, string> {
  return defined({ latent_leap: text });
}

/** Cuts a stream of bytes into tensors. */
class Cutter {
  readonly #entries: TensorEntry[];
  readonly #emit: (entry: TensorEntry, bytes: Uint8Array) => void;
  /** Offset in the file of the next byte. */
  #at: number;
  #next = 0;
  #bytes: Uint8Array | undefined;

  constructor({ begin, entries }: Stretch, emit: (entry: TensorEntry, bytes: Uint8Array) => void) {
    this.#at = begin;
    this.#entries = entries;
    this.#emit = emit;
    this.#emitFull();
  }

  push(piece: Uint8Array): void {
    const end = this.#at + piece.length;
    const start = this.#at;
    while (this.#next < this.#entries.length) {
      const entry = this.#entries[this.#next]!;
      const from = Math.max(entry.begin, this.#at);
      const to = Math.min(entry.end, end);
      if (from >= end) break;
      this.#bytes ??= allocate(entry.end - entry.begin);
      this.#bytes.set(piece.subarray(from - start, to - start), from - entry.begin);
      this.#at = to;
      if (to < entry.end) break;
      this.#emitFull();
    }
    this.#at = end;
  }

  /** @throws LeapError `damaged-file` */
  finish(name: string): void {
    if (this.#next === this.#entries.length) return;
    throw new LeapError('damaged-file', `${name} ends before its last tensor.`);
  }

  /** The tensor that is complete by now, and empty ones after it, which no byte announces. */
  #emitFull(): void {
    for (; this.#next < this.#entries.length; this.#next++) {
      const entry = this.#entries[this.#next]!;
      if (entry.end > Math.max(this.#at, entry.begin)) return;
      this.#emit(entry, this.#bytes ?? new Uint8Array(0));
      this.#bytes = undefined;
    }
  }
}
