import { bytesPer } from '../../src/formats';
import type { Dtype } from '../../src/formats/types';
import type { Fetch } from '../../src/weights/download/fetch';

export interface VaeFile {
  shapes: Record<string, number[]>;
  dtype: Dtype;
  /** Without the metadata that says it was written by PyTorch. */
  bare?: boolean;
  /** With batch norm's count of batches, an int64. */
  counter?: boolean;
}

/** Largest piece of a body. */
const PIECE = 1 << 20;
/** Header bytes by which a layout may miss the documented size: the order of the tensors, spaces at the end. */
const TOLERANCE = 500;

/**
 * A server of a safetensors file of zeros in this layout, which answers ranges; nothing of it is kept in memory.
 *
 * @param documented bytes of the real file, which the header is padded to; 0 where they are not known
 * @throws Error when the layout cannot have that size
 */
export function serveLayout(file: VaeFile, documented: number): { fetch: Fetch; requests: () => number } {
  const { head, size } = writeHead(file, documented);
  let requests = 0;
  const fetch: Fetch = async (input, init) => {
    if (String(input).includes('/api/models/')) return new Response(null, { status: 404 });
    requests++;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('Range') ?? '')!;
    const [first, end] = [Number(from), Math.min(Number(to) + 1, size)];
    let at = first;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= end) return controller.close();
        const piece = new Uint8Array(Math.min(PIECE, end - at));
        if (at < head.length) piece.set(head.subarray(at, at + piece.length));
        at += piece.length;
        controller.enqueue(piece);
      },
    });
    const headers = {
      'Content-Range': `bytes ${first}-${end - 1}/${size}`,
      'Content-Length': `${end - first}`,
    };
    return new Response(body, { status: 206, headers });
  };
  return { fetch, requests: () => requests };
}

/** As the reference writer does it: widest dtype first, then by name. */
function writeHead({ shapes, dtype, bare, counter }: VaeFile, documented: number) {
  const header: [string, unknown][] = bare ? [] : [['__metadata__', { format: 'pt' }]];
  let end = 0;
  const add = (name: string, type: Dtype, shape: number[]) => {
    const bytes = shape.reduce((product, length) => product * length, bytesPer(type));
    header.push([name, { dtype: type, shape, data_offsets: [end, end + bytes] }]);
    end += bytes;
  };
  if (counter) add('bn.num_batches_tracked', 'I64', []);
  for (const name of Object.keys(shapes).toSorted()) add(name, dtype, shapes[name]!);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = documented ? documented - 8 - end : Math.ceil(json.length / 8) * 8;
  if (length < json.length || length > json.length + TOLERANCE) {
    throw new Error(`The layout has ${8 + json.length + end} bytes, the file has ${documented}.`);
  }
  const head = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return { head, size: head.length + end };
}
