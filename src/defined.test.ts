import { expect, expectTypeOf, test } from 'vitest';
import { defined } from './defined';

test('leaves out what is undefined, and nothing else', () => {
  const fields = defined({ none: undefined, zero: 0, empty: '', no: false, nothing: null });
  expect(Object.keys(fields)).toEqual(['zero', 'empty', 'no', 'nothing']);
});

test('a field that may be undefined becomes optional', () => {
  const { signal } = {} as { signal?: AbortSignal };
  expectTypeOf(defined({ signal, scale: 2 })).branded.toEqualTypeOf<{
    signal?: AbortSignal;
    scale: number;
  }>();
});
