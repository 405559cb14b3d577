import { LeapError, toLeapError } from '../errors';

/** What the operating system says, in words; the code of its own stands behind. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder',
  EACCES: 'It may not be opened: permission is missing',
  EPERM: 'The system does not permit it',
  EISDIR: 'It is a folder, not a file',
  ENOTDIR: 'A part of its path is a file, not a folder',
  EEXIST: 'Something of that name is there already',
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EROFS: 'It lies on a disk that cannot be written',
  ENAMETOOLONG: 'Its name is longer than the system allows',
  EMFILE: 'Too many files are open',
  ELOOP: 'Its links lead in a circle',
  ENXIO: 'It is a device, not a file',
};

/** Anything thrown as a {@link LeapError}; what the file system refuses becomes `file-refused`. */
export function explainSystem(thrown: unknown): LeapError {
  const { code, path } = (thrown ?? {}) as { code?: unknown; path?: unknown };
  if (thrown instanceof LeapError || typeof code !== 'string' || !Object.hasOwn(REFUSALS, code)) {
    return toLeapError(thrown);
  }
  const where = typeof path === 'string' ? `: ${path}` : '';
  return new LeapError('file-refused', `${REFUSALS[code]} (${code})${where}.`, { code }, { cause: thrown });
}
