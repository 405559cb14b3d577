import { describe, expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { errorOf } from '../../testing/error-of';
import { explainJobError, explainOrtError } from './runtime-errors';

describe('an error of onnxruntime', () => {
  // emscripten throws numbers and strings, too.
  it.each<[unknown, string]>([
    [new RangeError('Offset is outside the bounds of the DataView'), 'out-of-memory'],
    [new RangeError('Array buffer allocation failed'), 'out-of-memory'],
    [new Error('std::bad_alloc'), 'out-of-memory'],
    ['Aborted(Cannot enlarge memory arrays)', 'out-of-memory'],
    [new Error('The program has already aborted!'), 'out-of-memory'],
    [new Error("Failed to execute 'mapAsync': Device is lost."), 'device-lost'],
    [new Error('A valid external Instance reference no longer exists.'), 'device-lost'],
    [new Error('Failed to get a WebGPU adapter.'), 'no-backend'],
    [new Error('Non-zero status code returned while running Conv node.'), 'internal'],
    [1234567, 'internal'],
  ])('%s is %s', (thrown, code) => {
    const error = errorOf(() => explainOrtError(thrown));
    expect(error.code).toBe(code);
    expect(error.cause).toBe(thrown);
    // Only what the runtime did not explain is laid at the door of the way of computing.
    expect(Boolean(error.detail.runtime)).toBe(code === 'internal');
  });

  it('stays what it is where it has a type already', () => {
    const known = new LeapError('bad-weights', 'No such tensor.');
    expect(errorOf(() => explainOrtError(known))).toBe(known);
  });
});

describe('an error of a job outside of onnxruntime', () => {
  it.each([
    ['Array buffer allocation failed', 'out-of-memory'],
    ['Invalid typed array length: 4294967296', 'out-of-memory'],
    // A mistake of ours: no smaller tile would help.
    ['Maximum call stack size exceeded', 'internal'],
  ])('a RangeError that says "%s" is %s', (message, code) => {
    expect(explainJobError(new RangeError(message)).code).toBe(code);
  });
});
