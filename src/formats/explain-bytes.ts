import { LeapError } from '../errors';
import { joinWords } from '../join-words';
import { CONTAINER_LABELS } from './containers';

/** A kind of file that people mistake for a file of tensors, and what to do about it. */
interface Stranger {
  recognise: (head: Uint8Array) => boolean;
  /** Goes on after 'This is '. */
  what: string;
  /** That does not say what to do. */
  bare?: true;
  /** It may hold tensors, which are not read from it. */
  unsupported?: true;
}

const HEAD_BYTES = 1024;

const startsWith =
  (...bytes: number[]) =>
  (head: Uint8Array) =>
    bytes.every((byte, at) => head[at] === byte);
const startsWithText =
  (...texts: string[]) =>
  (head: Uint8Array) => {
    const text = String.fromCharCode(...head.subarray(0, 200))
      .replace(/^\xef\xbb\xbf/, '')
      .trimStart()
      .toLowerCase();
    return texts.some((one) => text.startsWith(one));
  };

const STRANGERS: readonly Stranger[] = [
  {
    recognise: (head) => head.length === 0,
    what: 'an empty file: its download or copy did not finish. Fetch it again.',
  },
  {
    recognise: startsWithText('version https://git-lfs.github.com/'),
    what: 'a Git LFS pointer, which only names the file. Fetch the file itself: git lfs pull, or the download button of its page.',
  },
  {
    recognise: startsWithText('<!doctype html', '<html', '<?xml', '<head'),
    what: 'a web page, saved in place of the file. Its address may need a login, or a licence to be accepted, or is that of the page and not of the download.',
  },
  {
    recognise: startsWithText('gguf'),
    what: 'a GGUF file, a quantised model of another program. Use the model as safetensors.',
    unsupported: true,
  },
  {
    recognise: (head) =>
      [
        startsWith(0x89, 0x50, 0x4e, 0x47),
        startsWith(0xff, 0xd8, 0xff),
        startsWithText('riff', 'gif8', 'bm6'),
      ].some((one) => one(head)),
    what: 'a picture, not a latent. The page encodes pictures; the command line reads latents only.',
  },
  {
    recognise: startsWith(0x89, 0x48, 0x44, 0x46),
    what: 'an HDF5 file. Save the array by numpy or as safetensors.',
  },
  { recognise: startsWithText('{', '['), what: 'JSON text, without any tensor.', bare: true },
  { recognise: startsWith(0x25, 0x50, 0x44, 0x46), what: 'a PDF document.', bare: true },
  {
    recognise: (head) => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5,
    what: 'a bare Python pickle, which could run code. Save the tensor by torch.save, numpy or safetensors.',
    unsupported: true,
  },
  {
    recognise: (head) => startsWith(0x52, 0x61, 0x72, 0x21)(head) || startsWith(0x37, 0x7a, 0xbc, 0xaf)(head),
    what: 'a packed archive. Unpack it first.',
  },
];

/**
 * The error for bytes that are not a container of tensors, with what they are, as far as that can be told.
 * @param head the first bytes of the file, or all
 */
export function explainBytes(head: Uint8Array): LeapError {
  const found = STRANGERS.find(({ recognise }) => recognise(head.subarray(0, HEAD_BYTES)));
  const what = found ? `This is ${found.what}` : 'What is in this file was not recognised.';
  const advised = found && !found.bare;
  const message = advised ? what : `${what} Expected: ${joinWords(CONTAINER_LABELS, 'or')}.`;
  return new LeapError(found?.unsupported ? 'unsupported' : 'unknown-format', message, {
    head: [...head.subarray(0, 8)],
    // Whoever reads more than tensors adds what else it takes.
    complete: Boolean(advised),
    ...(found && { stranger: true }),
  });
}

/** Whether the bytes are certainly something else, in spite of what a file is called or said to be. */
export function isStranger(head: Uint8Array): boolean {
  return STRANGERS.some(({ recognise }) => recognise(head.subarray(0, HEAD_BYTES)));
}
