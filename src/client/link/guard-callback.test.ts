import { afterEach, expect, it, vi } from 'vitest';
import { guardCallback } from './guard-callback';

afterEach(() => vi.unstubAllGlobals());

it("reports what a host's callback throws, and goes on", () => {
  const reported: unknown[] = [];
  vi.stubGlobal('reportError', (thrown: unknown) => reported.push(thrown));
  const mine = new Error('mine');
  const told: number[] = [];
  const guarded = guardCallback((done: number) => {
    told.push(done);
    if (done === 1) throw mine;
  });
  guarded(1);
  guarded(2);
  expect([told, reported]).toEqual([[1, 2], [mine]]);
});
