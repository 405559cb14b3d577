import { expect, test } from 'vitest';
import { isPartOf, isStoreKey, noteKey, noteKindOf, noteNameOf, partKey } from './store-keys';

const DIGEST = '0123456789abcdef'.repeat(4);

test('every key that is made is a key of the store, and of its kind', () => {
  const id = "custom-lua-1/..\\ä'()~!*-flux1";
  for (const kind of ['record', 'pin', 'added', 'catalog'] as const) {
    expect(noteKindOf(noteKey(kind, id))).toBe(kind);
    expect(noteNameOf(noteKey(kind, id))).toBe(id);
    expect(isStoreKey(noteKey(kind, id))).toBe(true);
    expect(noteKey(kind, id)).not.toMatch(/[/\\]/);
  }
  for (const key of [DIGEST, partKey(DIGEST), partKey(DIGEST, 12)]) {
    expect(isStoreKey(key)).toBe(true);
    expect(noteKindOf(key)).toBeUndefined();
  }
});

test('a part belongs to its own download only', () => {
  expect(isPartOf(partKey(DIGEST, 3), DIGEST)).toBe(true);
  expect(isPartOf(partKey(DIGEST), DIGEST)).toBe(true);
  expect(isPartOf(DIGEST, DIGEST)).toBe(false);
  expect(isPartOf(partKey('f'.repeat(64), 3), DIGEST)).toBe(false);
});

test.each(['', 'README', `${DIGEST}.part`, `${DIGEST}0`, 'part-1', 'pin-', 'note-a', '../pin-a'])(
  '%j is not a key of the store',
  (name) => expect(isStoreKey(name)).toBe(false),
);
