import { LeapError } from '../../../errors';

/**
 * The bytes of a `.wasm` file, which may lie there compressed by gzip. Whether it comes so, or the server's headers had
 * the browser unpack it, its bytes say. onnxruntime would fetch it by itself, but never again once that has failed.
 * @throws LeapError `download-failed`
 */
export async function fetchWasm(address: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server answered with status ${response.status}`);
    const bytes = await response.arrayBuffer();
    return isGzip(bytes) ? await unpack(bytes) : bytes;
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

function isGzip(bytes: ArrayBuffer): boolean {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  return first === 0x1f && second === 0x8b;
}

function unpack(bytes: ArrayBuffer): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
