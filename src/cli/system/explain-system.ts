import { LeapError, toLeapError } from '../../errors';

/** The operating system's codes in words. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder',
  EACCES: 'You do not have permission to open it',
  EPERM: 'The system does not allow it',
  EISDIR: 'It is a folder, not a file',
  ENOTDIR: 'A part of its path is a file, not a folder',
  EEXIST: 'Something with that name already exists',
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EROFS: 'It is on a read-only disk',
  ENAMETOOLONG: 'Its name is longer than the system allows',
  EMFILE: 'Too many files are open',
  ELOOP: 'Its links form a circle',
  ENXIO: 'It is a device, not a file',
};

/** Turns anything thrown into a {@link LeapError}; a refusal of the file system becomes `file-refused`. */
export function explainSystem(thrown: unknown): LeapError {
  const { code, path, syscall } = (thrown ?? {}) as Record<'code' | 'path' | 'syscall', unknown>;
  if (thrown instanceof LeapError || typeof code !== 'string') return toLeapError(thrown);
  const known = Object.hasOwn(REFUSALS, code);
  if (!known && !(typeof syscall === 'string' && /^E[A-Z\d]+$/.test(code))) return toLeapError(thrown);
  const what = known ? REFUSALS[code] : `The system failed to ${String(syscall)} it`;
  const where = typeof path === 'string' ? `: ${path}` : '';
  return new LeapError('file-refused', `${what} (${code})${where}.`, { code }, { cause: thrown });
}
