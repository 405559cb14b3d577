import { expect, it } from 'vitest';
import { errorOf } from '../testing/error-of';
import { checkFileSize, MAX_FILE_BYTES } from './check-file-size';

it('takes a file of 1 GiB, and refuses one of a byte more', () => {
  checkFileSize(1024 ** 3);
  const { code, message, detail } = errorOf(() => checkFileSize(1024 ** 3 + 1));
  expect([code, detail.limit]).toEqual(['too-large', MAX_FILE_BYTES]);
  expect(message).toBe('The file has 1073741825 bytes. Files of latents are read up to 1 GiB.');
});
