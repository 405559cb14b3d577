import { expect, test } from 'vitest';
import { LeapError } from '../errors';
import { toPlainError } from './transfer-handlers';

test('a message crosses as one line of limited length, whatever names are in it', () => {
  const name = `<script>\u202e${'x'.repeat(1_000_000)}</script>`;
  const { code, message } = toPlainError(new LeapError('unsupported', `The tensor ${name}\nis not known.`));
  expect(code).toBe('unsupported');
  expect(message).toHaveLength(1000);
  expect(message).not.toMatch(/[\n\u202e]/);
});

test('details that cannot be cloned are left out', () => {
  expect(toPlainError(new LeapError('internal', 'a', { call: () => {} }))).toEqual({
    code: 'internal',
    message: 'a',
    detail: {},
  });
});
