import { type Device, IDENTITY } from '../../src/engine/device/runtime';
import { planSplit } from '../../src/engine/split/plan-split';
import { splitNetwork } from '../../src/engine/split/split-network';
import { Workbench } from '../../src/engine/workbench';
import { countWork, describePiece, type StepList, stepsOf } from '../../src/graph';
import { klShapes } from '../../src/testing/graph/kl-shapes';
import { makeWeights } from '../../src/testing/graph/random-weights';
import { lsrShapes, nnLatentUpscaleShapes } from '../../src/testing/graph/upscaler-shapes';

/**
 * `npx tsx scripts/reports/split-table.ts` prints Markdown tables of how a full decoder, NNLatentUpscale and LSR would run in
 * pieces, for several sizes and budgets. It only plans and runs nothing. The multiply-adds are those of all passes
 * divided by those of one run over everything, without halos and attention; `attention` is its share in the one run.
 */
const MEBIBYTE = 2 ** 20;
const BUFFER = 128 * MEBIBYTE;
const BUDGETS = [1536, 4096];

const decoder = makeWeights(
  klShapes({
    channels: 16,
    encoderWidths: [32, 32, 32, 32],
    decoderWidths: [128, 256, 512, 512],
    quantConv: false,
    batchNorm: false,
  }),
);
const decoderSteps = stepsOf('kl-decoder', [decoder.file])!;

printHead('picture');
for (const pixels of [512, 1024, 2048, 4096]) {
  const row = { label: `${pixels} x ${pixels}`, edge: pixels / 8, keptBytes: pixels ** 2 * 4 };
  for (const budget of BUDGETS) printRow(decoderSteps, { ...row, budget });
}

const upscaler = makeWeights(nnLatentUpscaleShapes());

printHead('latent');
for (const [edge, scale] of [
  [128, 1.5],
  [128, 2],
  [192, 1.5],
  [192, 2],
  [256, 2],
] as const) {
  const steps = stepsOf('nn-latent-upscale', [upscaler.file], scale)!;
  const keptBytes = 4 * 4 * edge ** 2 * (1 + 2 * scale ** 2);
  printRow(steps, { label: `${edge} x ${edge}, x${scale}`, edge, keptBytes, budget: 1024 });
}

const lsr = makeWeights(lsrShapes());

printHead('latent, LSR');
for (const [edge, budget] of [
  [192, 1024],
  [256, 1024],
  [320, 1024],
  [512, 1024],
  [512, 2048],
  [1024, 2048],
] as const) {
  const steps = stepsOf('lsr', [lsr.file], 2)!;
  printRow(steps, { label: `${edge} x ${edge}, x2`, edge, keptBytes: 4 * 4 * edge ** 2 * 9, budget });
}

function printHead(what: string): void {
  console.log(
    `| ${what} | budget | kept at | features kept | per run | runs | multiply-adds | attention | planned in |`,
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
}

/** @param row `keptBytes` beside the features; `edge` of the network's input; `budget` in MiB */
function printRow(
  steps: StepList,
  { label, edge, keptBytes, budget }: { label: string; edge: number; keptBytes: number; budget: number },
): void {
  const network = splitNetwork(steps.name, { steps, weights: new Map(), affineIn: IDENTITY });
  const workbench = new Workbench({} as Device, 'fp16', { budget: budget * MEBIBYTE, buffer: BUFFER });
  const limits = { tensorBytes: BUFFER, runBytes: budget * MEBIBYTE - keptBytes, edge: 512 };
  const start = performance.now();
  const plan = planSplit(workbench, network, { height: edge, width: edge, limits, start: 0 });
  const ms = performance.now() - start;
  const whole = describePiece(steps, { from: 0, to: steps.steps.length }).cost;
  const cost = plan.segments.reduce((sum, segment) => sum + segment.cost, 0) / whole;
  const points = plan.segments.slice(1).map(({ from }) => from);
  const cells = [
    label,
    `${budget} MiB`,
    points.length === steps.steps.length - 1 ? 'every one' : points.join(' '),
    `${Math.round(plan.storedBytes / MEBIBYTE)} MiB`,
    `${Math.round(plan.runBytes / MEBIBYTE)} MiB`,
    plan.runs,
    `${cost.toFixed(2)} x`,
    `${Math.round(100 * (1 - (whole * edge ** 2) / countWork(steps, edge, edge)))} %`,
    `${Math.round(ms)} ms`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
