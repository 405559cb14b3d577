import { describe, expect, it } from 'vitest';
import type { Progress, Report } from '../../../client';
import { describeForecast } from '../../text/describe-progress';
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
    // Slower than expected: never quite finished, and soon nobody knows when.
    expect(clock.at(1200 + 4400)).toMatchObject({ left: expect.closeTo(90) });
    expect(clock.at(60_000)).toMatchObject({ left: undefined, late: true });
    expect(clock.at(60_000).share).toBeLessThan(1);
    expect(describeForecast(clock.at(7200))).toBe('Decoding, longer than expected');
    expect(describeForecast(clock.at(1200 + 58_000))).toBe('Decoding, 55 s so far, longer than expected');
  });

  it('follows the tiles where there are several, and learns from them', () => {
    const clock = new RunClock(steps(undefined, undefined));
    clock.note(progress('decode', 0, 4), 0);
    expect(clock.at(900)).toMatchObject({ share: 0, left: undefined });
    clock.note(progress('decode', 2, 4), 2000);
    expect(clock.at(2000)).toMatchObject({ share: 0.5, left: 2000 });
  });

  it('does not say more while a tile is computed than when it began', () => {
    const clock = new RunClock(steps(undefined, undefined));
    clock.note(progress('decode', 0, 4), 0);
    clock.note(progress('decode', 1, 4), 2000);
    expect(clock.at(2000)).toMatchObject({ share: 0.25, left: 6000 });
    expect(clock.at(3000)).toMatchObject({ share: 0.375, left: 5000 });
    // It takes longer than the first: the rest of it and those after it are still to come.
    expect(clock.at(5000).left).toBeCloseTo(8000 * (1 - 1.97 / 4));
    // So much longer that the first tells nothing of it.
    expect(clock.at(9000)).toMatchObject({ share: 1.97 / 4, left: undefined, late: true });
  });

  it('follows its own tiles once one is done, however slow the like was before', () => {
    const clock = new RunClock([{ phase: 'decode', ms: 300_000 }]);
    clock.note(progress('decode', 0, 4), 0);
    clock.note(progress('decode', 2, 4), 1000);
    expect(clock.at(1000)).toMatchObject({ share: 0.5, left: 1000 });
  });

  it('leaves out of a tile’s time what was made ready for it', () => {
    const clock = new RunClock(steps(undefined, undefined));
    clock.note(progress('decode', 0, 4), 0);
    clock.note(progress('prepare'), 0);
    clock.note(progress('decode', 0, 4), 5000);
    clock.note(progress('decode', 1, 4), 6000);
    expect(clock.at(6000)).toMatchObject({ share: 0.25, left: 3000 });
    // A tile of another shape.
    clock.note(progress('prepare'), 6000);
    expect(clock.at(7000)).toMatchObject({ share: undefined, left: undefined });
    clock.note(progress('decode', 1, 4), 9000);
    clock.note(progress('decode', 2, 4), 10_000);
    expect(clock.at(10_000)).toMatchObject({ share: 0.5, left: 2000 });
  });

  it('says how long a phase has taken where nobody knows how long it takes', () => {
    const clock = new RunClock(steps(undefined, undefined));
    const says = (now: number) => describeForecast(clock.at(now));
    clock.note(progress('prepare'), 0);
    expect(says(9000)).toBe('Getting the device ready');
    expect(says(23_000)).toBe('Getting the device ready, 20 s so far');
    clock.note(progress('upscale', 0, 4), 30_000);
    expect(says(39_000)).toBe('Upscaling, 0 of 4 tiles');
    // From its beginning, through what is made ready for a tile of another shape.
    clock.note(progress('upscale', 1, 4), 42_000);
    clock.note(progress('prepare'), 43_000);
    expect(says(54_000)).toBe('Getting the device ready, 11 s so far');
    clock.note(progress('upscale', 1, 4), 55_000);
    expect(says(66_000)).toBe('Upscaling, 1 of 4 tiles, 35 s so far');
    expect(says(30_000 + 3_725_000)).toMatch(/62 min so far/);
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

  it('expects a picture of another size to take as long as its pixels say, on the next visit too', () => {
    const store = makeStore();
    new Pace(store).learn(choice, report('one'));
    const pace = new Pace(store);
    expect(pace.expect(choice, 2, 2_000_000)).toEqual(steps(400, 1600));
    expect(pace.expect(choice, 4, 2_000_000)).toEqual(steps(undefined, 1600));
  });

  it('learns nothing from a tiny picture, of which most of the time is not spent on its pixels', () => {
    const pace = new Pace(undefined);
    pace.learn(choice, { ...report('one'), width: 64, height: 64 });
    expect(pace.expect(choice, 2, 2_000_000)).toEqual(steps(undefined, undefined));
    pace.learn(choice, report('one'));
    pace.learn(choice, { ...report('one'), width: 64, height: 64 });
    expect(pace.expect(choice, 2, 2_000_000)).toEqual(steps(400, 1600));
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
