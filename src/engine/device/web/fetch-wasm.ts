import { LeapError } from '../../../errors';

/** The first bytes of every WebAssembly module: NUL, "asm". */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/**
 * The bytes of a `.wasm` file, which may lie there compressed by gzip. Whether it comes so, or the server's headers had
 * the browser unpack it, its bytes say. onnxruntime would fetch it by itself, but never again once that has failed.
 * @throws LeapError `download-failed`
 */
export async function fetchWasm(address: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server answered with status ${response.status}`);
    const sent = await response.arrayBuffer();
    const bytes = isGzip(sent) ? await unpack(sent) : sent;
    if (!MAGIC.every((byte, i) => new Uint8Array(bytes)[i] === byte))
      throw new Error(describeStranger(bytes));
    return bytes;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LeapError(
      'download-failed',
      `The runtime could not be fetched from ${address}: ${why}.`,
      { url: address },
      { cause },
    );
  }
}

/** Servers of single-page applications answer with their page where a file is missing. */
function describeStranger(bytes: ArrayBuffer): string {
  const head = new TextDecoder().decode(bytes.slice(0, 64)).trimStart();
  return `what the server sent is ${head.startsWith('<') ? 'a web page' : 'something else'}, not WebAssembly`;
}

function isGzip(bytes: ArrayBuffer): boolean {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  return first === 0x1f && second === 0x8b;
}

function unpack(bytes: ArrayBuffer): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
