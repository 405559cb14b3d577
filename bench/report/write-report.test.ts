import { expect, test } from 'vitest';
import type { BenchReport, CaseResult } from '../types';
import { formatReport } from './write-report';

const spread = (median: number) => ({ median, least: median - 1, greatest: median + 1 });

function result(id: CaseResult['id'], upscaleMs: number, bytesMoved: number | null): CaseResult {
  return {
    id,
    label: `way of ${id}`,
    steps: [
      { name: 'upscale', samples: [], ms: spread(upscaleMs), multiplyAdds: 3e9, bytesMoved },
      { name: 'decode', samples: [], ms: spread(50), multiplyAdds: 1.5e9, bytesMoved: 1e9 },
    ],
    totalMs: spread(upscaleMs + 50),
    createMs: 1,
    peakBytes: 2.5e9,
  };
}

const REPORT: BenchReport = {
  date: '2026-01-02',
  machine: { processor: 'P', cores: 2, memoryBytes: 8e9, load: 0.5, platform: 'linux' },
  backend: 'cpu',
  adapter: 'P, 2 threads',
  versions: { 'onnxruntime-node': '1.30.0' },
  models: 'random LUA',
  rounds: 3,
  warmups: 1,
  passes: 1,
  measurements: [
    {
      workload: { family: 'flux1', size: 32, scale: 2, precision: 'fp32' },
      results: [
        result('lua', 50, 1e9),
        result('pixel-trunk', 550, null),
        {
          id: 'pixel-span',
          label: 'SPAN',
          failed: 'out | of\nmemory',
          steps: [],
          totalMs: null,
          createMs: 0,
          peakBytes: null,
        },
      ],
    },
  ],
};

test('formats every way as one row, with its ratio to LUA', () => {
  const text = formatReport(REPORT);
  expect(text).toContain('## flux1, 32x32 latent, x2, 512x512 pixels, fp32');
  expect(text).toContain(
    '| way of lua | 50 (49 to 51) | 50 (49 to 51) | 100 (99 to 101) | 1.00 | 4.5 | 2.00 | 2.50 |',
  );
  expect(text).toContain(
    '| way of pixel-trunk | 550 (549 to 551) | 50 (49 to 51) | 600 (599 to 601) | 6.00 | 4.5 | unknown | 2.50 |',
  );
  expect(text).toContain('| SPAN | failed: out / of memory |');
  expect(text).toContain('The trunk on pixels takes 11.0 times as long as on latents.');
});
