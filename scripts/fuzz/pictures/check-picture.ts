import { LeapError } from '../../../src/errors';
import { GRAPH_KEYS, readComfyGraphs } from '../../../src/latent/comfy-graphs';
import {
  checkPictureFile,
  PICTURE_HEAD_BYTES,
  readPictureSize,
  readPngTexts,
  sniffPicture,
} from '../../../src/picture';
import type { Outcome } from '../report';

/** Does with a picture what the page does before it is decoded: what kind, how large, which texts. */
export async function checkPicture(bytes: Uint8Array): Promise<Outcome> {
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  let result: string;
  try {
    result = await usePicture(bytes);
  } catch (thrown) {
    const known = thrown instanceof LeapError && thrown.code !== 'internal';
    result = known ? thrown.code : `foreign: ${thrown instanceof Error ? thrown.stack : thrown}`;
  }
  const { user, system } = process.cpuUsage(start);
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return { result, milliseconds: (user + system) / 1000, bytes: grown };
}

async function usePicture(bytes: Uint8Array): Promise<string> {
  const file = new Blob([new Uint8Array(bytes)]);
  const type = sniffPicture(bytes);
  const size = readPictureSize(bytes.subarray(0, PICTURE_HEAD_BYTES));
  if (size && !(size.width >= 0 && size.height >= 0 && Number.isInteger(size.width * size.height)))
    throw new Error(`A size of ${size.width} x ${size.height}.`);
  const texts = await readPngTexts(file, GRAPH_KEYS);
  for (const [key, value] of Object.entries(texts)) {
    if (!(GRAPH_KEYS as readonly string[]).includes(key) || typeof value !== 'string')
      throw new Error(`A text that nobody asked for: ${key}.`);
  }
  readComfyGraphs(texts);
  await checkPictureFile(file);
  if (type === undefined) return 'not a picture';
  return size ? 'size known' : 'size unknown';
}
