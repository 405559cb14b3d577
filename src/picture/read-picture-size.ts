export interface PictureSize {
  width: number;
  height: number;
}

/** Bytes of the file that {@link readPictureSize} wants to see: metadata may stand before the size. */
export const PICTURE_HEAD_BYTES = 2 ** 20;

/**
 * Pixels of a PNG, JPEG, WebP or AVIF file as its header states them, before any rotation that metadata asks for. Nothing is
 * decoded, so a small file of a huge picture costs nothing.
 *
 * @param head the first bytes of the file
 * @returns undefined where no size is found
 */
export function readPictureSize(head: Uint8Array): PictureSize | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    if (view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (view.getUint16(0) === 0xffd8) return readJpegSize(view);
    if (tagAt(view, 8) === 'WEBP') return readWebpSize(view);
    if (tagAt(view, 4) === 'ftyp') return readAvifSize(view);
  } catch (thrown) {
    // The file ends early.
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  return undefined;
}

/** From the frame header, SOF0 to SOF15 (ITU T.81, B.2.2), past the segments before it. */
function readJpegSize(view: DataView): PictureSize | undefined {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // The picture begins: its size is said nowhere before it.
    else if (marker === 0xda) return undefined;
    else at += 2 + view.getUint16(at + 2);
  }
}

/** C4, C8 and CC are tables and an extension. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Lossy, lossless and extended files: RFC 9649, 2.5 to 2.7, and RFC 6386, 9.1. */
function readWebpSize(view: DataView): PictureSize | undefined {
  switch (tagAt(view, 12)) {
    case 'VP8 ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case 'VP8X':
      return {
        width: 1 + (view.getUint32(24, true) & 0xffffff),
        height: 1 + (view.getUint32(26, true) >>> 8),
      };
    default:
      return undefined;
  }
}

/** The largest of the sizes (`ispe`, ISO 23008-12, 6.5.3): a picture may be made of tiles that have one too. */
function readAvifSize(view: DataView): PictureSize | undefined {
  let largest: PictureSize | undefined;
  for (let at = 4; at + 16 <= view.byteLength; at++) {
    if (view.getUint8(at) !== 0x69 || tagAt(view, at) !== 'ispe') continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

function tagAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
