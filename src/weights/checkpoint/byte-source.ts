import { allocate } from '../allocate';
/** A file that is read in parts, from a server or from the person's own disk. */
export interface ByteSource {
  /** For messages: the address, or the file's name. */
  readonly name: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Bytes `begin` to `end` in pieces, in order. Reading forwards may reuse a connection. */
  read(begin: number, end: number): AsyncIterable<Uint8Array>;
}

/** A dropped file: read slice by slice, so that it is never in memory as a whole. */
export function openBlob(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    async *read(begin, end) {
      const reader = blob.slice(begin, end).stream().getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          yield value;
        }
      } finally {
        reader.cancel().catch(() => {});
      }
    },
  };
}

/** A file that is in memory anyway. */
export function openBytes(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    async *read(begin, end) {
      yield bytes.subarray(begin, end);
    },
  };
}

/**
 * Bytes `begin` to `end`, at once.
 * @param onPiece is told how many there are so far; it may throw to stop
 */
export async function readAll(
  source: ByteSource,
  begin: number,
  end: number,
  onPiece?: (done: number) => void,
): Promise<Uint8Array> {
  const bytes = allocate(end - begin);
  let at = 0;
  for await (const piece of source.read(begin, end)) {
    bytes.set(piece, at);
    at += piece.length;
    onPiece?.(at);
  }
  return bytes.subarray(0, at);
}
