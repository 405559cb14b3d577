import { describe, expect, it } from 'vitest';
import type { Progress, Report } from '../../../client';
import { RunClock } from './forecast';
import { Pace } from './pace';

const progress = (phase: Progress['phase'], done = 0, total = 1): Progress => ({
  phase,
  done,
  total,
  message: '',
});

const steps = (upscale: number | undefined, decode: number | undefined) => [
  { phase: 'upscale', ms: upscale } as const,
  { phase: 'decode', ms: decode } as const,
];

describe('RunClock', () => {
  it('follows the time that the like took before, where there is one tile', () => {
    const clock = new RunClock(steps(1000, 3000));
    clock.note(progress('upscale'), 0);
    expect(clock.at(500)).toMatchObject({ share: 0.125, left: 3500 });
    clock.note(progress('decode'), 1200);
    expect(clock.at(1200 + 1500)).toMatchObject({ share: 0.625, left: 1500 });
    // Slower than expected: never quite finished.
    expect(clock.at(60_000).share).toBeLessThan(1);
  });

  it('follows the tiles where there are several, and learns from them', () => {
    const clock = new RunClock(steps(undefined, undefined));
    clock.note(progress('decode', 0, 4), 0);
    expect(clock.at(900)).toMatchObject({ share: 0, left: undefined });
    clock.note(progress('decode', 2, 4), 2000);
    expect(clock.at(2000)).toMatchObject({ share: 0.5, left: 2000 });
  });

  it('counts getting ready for no share of the run', () => {
    const clock = new RunClock(steps(100, 100));
    clock.note(progress('prepare'), 0);
    expect(clock.at(5000)).toMatchObject({ share: undefined, left: 200 });
    clock.note(progress('upscale'), 5000);
    expect(clock.at(5050).share).toBe(0.25);
  });
});

describe('Pace', () => {
  const choice = { method: 'lua', lua: undefined, decoder: undefined } as const;
  const report = (adapter: string): Report =>
    ({
      backend: 'wasm',
      precision: 'fp32',
      adapter,
      scale: 2,
      width: 1000,
      height: 500,
      ms: { upscale: 100, decode: 400, enlarge: 0 },
    }) as Report;

  function makeStore() {
    const values = new Map<string, string>();
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    };
  }

  it('expects of a picture of another size what its pixels say, on the next visit too', () => {
    const store = makeStore();
    new Pace(store).learn(choice, report('one'));
    const pace = new Pace(store);
    expect(pace.expect(choice, 2, 2_000_000)).toEqual(steps(400, 1600));
    expect(pace.expect(choice, 4, 2_000_000)).toEqual(steps(undefined, 1600));
  });

  it('knows that what is enlarged after decoding was decoded small', () => {
    const pace = new Pace(undefined);
    pace.learn(choice, report('one'));
    expect(pace.expect({ ...choice, method: 'pixels', enlarger: 'lanczos' }, 2, 2_000_000)).toEqual([
      { phase: 'decode', ms: 400 },
      { phase: 'enlarge', ms: undefined },
    ]);
  });

  it('forgets what another device took, and survives a store that others have written', () => {
    const pace = new Pace({ getItem: () => '{"known":', setItem: () => {} });
    pace.learn(choice, report('one'));
    pace.learn({ ...choice, decoder: 'taef1' }, report('two'));
    expect(pace.expect(choice, 2, 1e6)).toEqual(steps(200, undefined));
  });
});
