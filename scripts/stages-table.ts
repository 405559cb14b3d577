import { type Device, IDENTITY } from '../src/engine/device/runtime';
import { planSplit } from '../src/engine/split/plan-split';
import { splitNetwork } from '../src/engine/split/split-network';
import { Stage } from '../src/engine/stage';
import { describePiece, listKlSteps } from '../src/graph';
import { klShapes } from '../src/testing/graph/kl-shapes';
import { makeWeights } from '../src/testing/graph/random-weights';

/**
 * `npx tsx scripts/stages-table.ts` prints a Markdown table of how the full decoder would run in stages, for several
 * pictures and budgets. It only plans and runs nothing. The multiply-adds are those of all passes divided by those of
 * one run over everything, without halos and attention.
 */
const MEBIBYTE = 2 ** 20;
const BUFFER = 128 * MEBIBYTE;
const widths = [128, 256, 512, 512];
const shapes = klShapes({
  channels: 16,
  encoderWidths: [32, 32, 32, 32],
  decoderWidths: widths,
  quantConv: false,
  batchNorm: false,
});
const weights = makeWeights(shapes);
const steps = listKlSteps([weights.file], 'decoder');
const network = splitNetwork('full', { steps, weights: new Map(), affineIn: IDENTITY });
const whole = describePiece(steps, { from: 0, to: steps.steps.length }).cost;

console.log('| picture | budget | kept at | features kept | per run | runs | multiply-adds | planned in |');
console.log('|---|---|---|---|---|---|---|---|');
for (const pixels of [512, 1024, 2048, 4096]) {
  for (const budget of [1536, 4096]) {
    const stage = new Stage({} as Device, 'fp16', { budget: budget * MEBIBYTE, buffer: BUFFER });
    const positions = pixels / 8;
    const limits = { tensorBytes: BUFFER, runBytes: budget * MEBIBYTE - pixels ** 2 * 4, edge: 512 };
    const start = performance.now();
    const plan = planSplit(stage, network, { height: positions, width: positions, limits, start: 0 });
    const ms = performance.now() - start;
    const cost = plan.segments.reduce((sum, segment) => sum + segment.cost, 0) / whole;
    const cells = [
      `${pixels} x ${pixels}`,
      `${budget} MiB`,
      plan.segments
        .slice(1)
        .map(({ from }) => from)
        .join(' '),
      `${Math.round(plan.storedBytes / MEBIBYTE)} MiB`,
      `${Math.round(plan.runBytes / MEBIBYTE)} MiB`,
      plan.runs,
      `${cost.toFixed(2)} x`,
      `${Math.round(ms)} ms`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
