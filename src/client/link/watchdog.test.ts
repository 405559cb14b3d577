import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Watchdog } from './watchdog';

const SILENCE = 400;
const CANCEL = 40;
let hung: number;
let watchdog: Watchdog;

beforeEach(() => {
  vi.useFakeTimers();
  hung = 0;
  watchdog = new Watchdog({ silence: SILENCE, cancel: CANCEL }, () => void hung++);
});
afterEach(() => vi.useRealTimers());

it('tells once that a call was not answered', () => {
  watchdog.begin();
  vi.advanceTimersByTime(SILENCE - CANCEL);
  expect(hung).toBe(0);
  vi.advanceTimersByTime(10 * SILENCE);
  expect(hung).toBe(1);
});

it('waits as long as there is progress', () => {
  const call = watchdog.begin();
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(SILENCE / 2);
    call.touch();
  }
  expect(hung).toBe(0);
});

it('does not watch a worker without calls', () => {
  watchdog.begin().end();
  vi.advanceTimersByTime(10 * SILENCE);
  expect(hung).toBe(0);
});

it('waits less for a job that was cancelled', () => {
  const call = watchdog.begin();
  call.touch();
  call.abandon();
  vi.advanceTimersByTime(2 * CANCEL);
  expect(hung).toBe(1);
});

it('gives another job that is at work its time', () => {
  const waiting = watchdog.begin();
  const working = watchdog.begin();
  working.touch();
  waiting.abandon();
  vi.advanceTimersByTime(SILENCE / 2);
  expect(hung).toBe(0);
});

it('counts a sleep of the machine as one tick', () => {
  watchdog.begin();
  vi.setSystemTime(Date.now() + 100 * SILENCE);
  vi.advanceTimersByTime(CANCEL);
  expect(hung).toBe(0);
});
