import { afterEach, expect, it, vi } from 'vitest';
import { watchRatio } from './watch-ratio';

afterEach(() => vi.unstubAllGlobals());

it('calls at every change of the screen’s pixels, each against the ratio before it, until it is ended', () => {
  const queries: { query: string; change: () => void }[] = [];
  vi.stubGlobal('devicePixelRatio', 1);
  vi.stubGlobal('matchMedia', (query: string) => {
    const target = new EventTarget();
    queries.push({ query, change: () => target.dispatchEvent(new Event('change')) });
    return target;
  });
  const changed = vi.fn();
  const end = new AbortController();
  watchRatio(changed, end.signal);
  vi.stubGlobal('devicePixelRatio', 2);
  queries[0]!.change();
  expect(changed).toHaveBeenCalledTimes(1);
  expect(queries.map(({ query }) => query)).toEqual(['(resolution: 1dppx)', '(resolution: 2dppx)']);
  queries[1]!.change();
  expect(changed).toHaveBeenCalledTimes(2);
  end.abort();
  queries[2]!.change();
  expect(changed).toHaveBeenCalledTimes(2);
});
