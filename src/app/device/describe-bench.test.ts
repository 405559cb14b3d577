import { expect, it } from 'vitest';
import type { Report } from '../../client';
import { describeBench } from './describe-bench';

const report = {
  backend: 'wasm',
  precision: 'fp32',
  adapter: 'WebAssembly, 2 threads',
  width: 500,
  height: 1000,
  ms: { prepare: 0, upscale: 1500, decode: 500, enlarge: 0, total: 2000 },
  memory: { plannedBytes: 2e6, budgetBytes: 1e9, tensorLimitBytes: 5e8 },
  notices: ['There is no graphics card.'],
} as unknown as Report;

it('says the device, what it does a second, memory and browser, each on a line', () => {
  const machine = { browser: 'Test/1', cores: 2, memoryGb: undefined, isolated: true, storage: undefined };
  expect(describeBench([{ method: 'lua', report }], machine)).toEqual([
    'Computes on WebAssembly, 2 threads, in 32-bit.',
    'LUA to 500 × 1000 px: 2.0 s, 0.25 megapixels a second (enlarging 1.5 s, decoding 500 ms).',
    'Memory: 2.0 MB planned of 1.0 GB, at most 500 MB in one piece.',
    'Machine: 2 cores; threads allowed.',
    'Browser: Test/1',
    'There is no graphics card.',
  ]);
});

it('counts what enlarges pixels as enlarging, and the memory of the one that takes most', () => {
  const machine = { browser: 'Test/1', cores: 2, memoryGb: undefined, isolated: true, storage: undefined };
  const resized = {
    ...report,
    ms: { ...report.ms, upscale: 0, enlarge: 300, total: 800 },
    memory: { ...report.memory, plannedBytes: 1e6 },
  };
  const timings = [
    { method: 'pixels', report: resized },
    { method: 'lua', report },
  ] as const;
  const lines = describeBench(timings, machine);
  expect(lines[1]).toContain('Decoded, then Lanczos to 500 × 1000 px: 800 ms');
  expect(lines[1]).toContain('(enlarging 300 ms, decoding 500 ms)');
  expect(lines[3]).toContain('2.0 MB planned');
});
