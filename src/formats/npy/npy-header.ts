import { LeapError } from '../../errors';

export interface NpyHeader {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Byte offset of the first element. */
  dataStart: number;
}

/** numpy itself refuses headers above 10 000 bytes unless told otherwise. */
const MAX_HEADER_BYTES = 10_000;
const FIELDS = /^\s*\{(.*)\}\s*$/s;
const DESCR = /(?:^|,)\s*['"]descr['"]\s*:\s*(['"])([^'"]*)\1/;
const DESCR_LIST = /(?:^|,)\s*['"]descr['"]\s*:\s*\[/;
const ORDER = /(?:^|,)\s*['"]fortran_order['"]\s*:\s*(True|False)/;
const SHAPE = /(?:^|,)\s*['"]shape['"]\s*:\s*\(([\d\sL,]*)\)/;

/**
 * The head of a `.npy` file: magic, version, length, then a Python dict literal. Only the three known fields with
 * their plain values are matched; nothing is evaluated.
 * @throws LeapError `damaged-file`, `unsupported` (version, structured dtype)
 */
export function parseNpyHeader(file: Uint8Array): NpyHeader {
  const major = file[6];
  if (major === undefined || file.length < 12) throw damaged('is shorter than its header');
  if (major < 1 || major > 3) {
    throw new LeapError('unsupported', `The npy file has the version ${major}; expected 1, 2 or 3.`, {
      version: major,
    });
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw damaged(`has a header of ${length} bytes, at most ${MAX_HEADER_BYTES} are expected`);
  if (start + length > file.length)
    throw damaged(`is cut off: its header ends at byte ${start + length}, the file at ${file.length}`);

  const text = new TextDecoder().decode(file.subarray(start, start + length));
  const fields = FIELDS.exec(text)?.[1];
  if (fields === undefined) throw damaged('has a header that is not a dict');
  if (DESCR_LIST.test(fields)) {
    throw new LeapError('unsupported', 'The npy array is a table of named fields; expected floats.');
  }
  const descr = DESCR.exec(fields)?.[2];
  const order = ORDER.exec(fields)?.[1];
  const shape = SHAPE.exec(fields)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw damaged('has a header without descr, fortran_order and shape');
  }
  return { descr, fortranOrder: order === 'True', shape: parseShape(shape), dataStart: start + length };
}

/** `2, 3` and `2,` and the empty tuple; Python 2 wrote `2L`. */
function parseShape(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  return parts.map((part) => {
    if (!/^\d+L?$/.test(part)) throw damaged('has a shape that is not a tuple of whole numbers');
    return Number.parseInt(part, 10);
  });
}

function damaged(what: string): LeapError {
  return new LeapError('damaged-file', `The npy file ${what}.`);
}
