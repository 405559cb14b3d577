/**
 * What a LUA with large windows takes, beside what the engine plans for it: one run over one window on
 * onnxruntime-node, in this process.
 *
 *     npx tsx scripts/reports/measure-window.ts [--window 96] [--heads 2]
 */
import { parseArgs } from 'node:util';
import { takenBytes } from '../../src/engine/tiles/choose-rule';
import { buildLua } from '../../src/graph';
import { luaShapes, SMALL_LUA } from '../../src/testing/graph/network-shapes';
import { makeWeights, randomTensor } from '../../src/testing/graph/random-weights';
import { runOnNode } from '../../src/testing/graph/run-on-node';

const { values } = parseArgs({
  options: { window: { type: 'string', default: '96' }, heads: { type: 'string', default: '2' } },
});
const [window, heads] = [Number(values.window), Number(values.heads)];
const config = { ...SMALL_LUA, in_chans: 4, window_size: window, depths: [2], num_heads: [heads] };
const weights = makeWeights(luaShapes(config));
const graph = buildLua({
  config,
  weights: [weights.file],
  height: window,
  width: window,
  scale: 2,
  precision: 'fp32',
});
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20).toLocaleString('en');
/** At most so far, in bytes. */
const resident = () => process.resourceUsage().maxRSS * 1024;

const before = resident();
await runOnNode(graph, randomTensor('input', [1, 4, window, window]), [weights]);
console.log(`windows of ${window}, ${heads} heads`);
console.log(`  planned: ${mebibytes(takenBytes(graph))} MiB`);
console.log(`    alive at once: ${mebibytes(graph.peakBytes)}, constants: ${mebibytes(graph.constantBytes)}`);
console.log(`  taken: ${mebibytes(resident() - before)} MiB`);
