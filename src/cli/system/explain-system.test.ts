import { expect, it } from 'vitest';
import { explainSystem } from './explain-system';

const thrown = (properties: object) => Object.assign(new Error('from the system'), properties);

it.each([
  [{ code: 'EACCES', syscall: 'open', path: '/a' }, 'You do not have permission to open it (EACCES): /a.'],
  [{ code: 'EPERM', syscall: 'open', path: '/a' }, 'The system does not allow it (EPERM): /a.'],
  [{ code: 'ENOSPC', syscall: 'write', path: '/a' }, 'The disk is full (ENOSPC): /a.'],
  [{ code: 'EIO', syscall: 'read', path: '/a' }, 'The system failed to read it (EIO): /a.'],
  [{ code: 'EXDEV', syscall: 'rename' }, 'The system failed to rename it (EXDEV).'],
])('%o is a refusal of the file system', (properties, message) => {
  expect(explainSystem(thrown(properties))).toMatchObject({ code: 'file-refused', message });
});

it.each([{ code: 'ERR_INVALID_ARG_TYPE', syscall: 'open' }, { code: 'EWHATEVER' }, {}])(
  '%o is none',
  (properties) => {
    expect(explainSystem(thrown(properties)).code).toBe('internal');
  },
);
