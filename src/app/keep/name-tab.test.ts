import { afterEach, expect, it, vi } from 'vitest';
import { nameTab } from './name-tab';

/** A browser's locks and the storage of one tab; a duplicate begins with a copy of that storage. */
function openTab(held: Set<string>, stored = new Map<string, string>()) {
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  const mine = new Set<string>();
  const request = async (name: string, { signal }: { signal: AbortSignal }, work: () => Promise<never>) => {
    while (held.has(name)) {
      if (signal.aborted) throw signal.reason;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    held.add(name);
    mine.add(name);
    return work();
  };
  vi.stubGlobal('navigator', { locks: { request } });
  const close = () => {
    for (const name of mine) held.delete(name);
  };
  return { stored, close };
}

afterEach(() => vi.unstubAllGlobals());

it('gives a tab that is loaded again its name, also when its predecessor goes late', async () => {
  const held = new Set<string>();
  const before = openTab(held);
  const name = await nameTab();
  setTimeout(before.close, 100);
  openTab(held, before.stored);
  expect(await nameTab()).toBe(name);
});

it('gives a duplicate of a tab another name, which it keeps', async () => {
  const held = new Set<string>();
  const original = openTab(held);
  const name = await nameTab();
  const copy = openTab(held, new Map(original.stored));
  const other = await nameTab();
  expect(other).not.toBe(name);
  copy.close();
  openTab(held, copy.stored);
  expect(await nameTab()).toBe(other);
});

it('works without locks and without storage', async () => {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('sessionStorage', undefined);
  expect(await nameTab()).toMatch(/^[0-9a-f-]{36}$/);
});
