import { LeapError } from '../errors';

/**
 * SHA-256 of the bytes in lower-case hex.
 * @throws LeapError `unsupported` where the browser has no cryptography (a page served over plain http)
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Browsers hide it outside secure contexts; its type does not say so.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    throw new LeapError(
      'unsupported',
      'Models can be checked only on pages that come over https or from localhost.',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
