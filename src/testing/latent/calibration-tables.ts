import type { Calibration, Judged } from './calibration';

/** Lower ends of the ranges of confidence; the last ends at 1. */
const RANGES = [
  [0, 'below 0.5'],
  [0.5, '0.5 to 0.7'],
  [0.7, '0.7 to 0.85'],
  [0.85, '0.85 to 0.9'],
  [0.9, '0.9 and above'],
] as const;

/** The stand-ins as docs/files.md calls them, with their channels. */
const STAND_INS = {
  wan: 'Wan, Qwen-Image (published means and deviations) | 16',
  hunyuan: 'HunyuanVideo (scale 0.477) | 16',
  cogvideo: 'CogVideoX (scale 1.153) | 16',
  sana: 'Sana (scale 0.414) | 32',
  hunyuan15: 'HunyuanVideo 1.5 (scale 1.037) | 32',
  cascade: "Stable Cascade's stage B (scale 2.33) | 4",
  playground: 'Playground 2.5 (published means and deviations) | 4',
} as const;

/** Rows of the two tables of docs/files.md. */
export function toTables({ family, space, standIns }: Calibration): string[] {
  return [
    ...RANGES.map(
      ([least, name], at) =>
        `| ${name} | ${share(within(family, least, at))} | ${share(within(space, least, at))} |`,
    ),
    ...Object.entries(STAND_INS).map(([id, name]) => {
      const all = standIns[id]!;
      const counts = [
        all.filter(({ confidence }) => confidence < 0.5),
        all.filter(({ confidence }) => confidence >= 0.5 && confidence < 0.9),
        all.filter(({ confidence }) => confidence >= 0.9),
      ];
      return `| ${name} | ${counts.map(({ length }) => length).join(' | ')} |`;
    }),
  ];
}

function within(judged: readonly Judged[], least: number, at: number): Judged[] {
  const most = RANGES[at + 1]?.[0] ?? Number.POSITIVE_INFINITY;
  return judged.filter(({ confidence }) => confidence >= least && confidence < most);
}

function share(judged: readonly Judged[]): string {
  const right = judged.filter((one) => one.right).length;
  if (judged.length === 0) return '';
  return `${right} of ${judged.length} (${((100 * right) / judged.length).toFixed(1)} %)`;
}
