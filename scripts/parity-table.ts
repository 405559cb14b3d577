import {
  BICUBIC,
  KL_NETWORKS,
  LUA_NETWORKS,
  type ParityNetwork,
  TINY_NETWORKS,
} from '../src/graph/test-cases';
import { relativeError, runOnNode } from '../src/graph/test-run';
import { randomTensor } from '../src/graph/test-weights';

/**
 * `npx tsx scripts/parity-table.ts`: largest difference from PyTorch, over all sizes of each network, as a Markdown
 * table in units of max |reference|. On Node's CPU, which keeps fp16 between operations only.
 */
console.log('| network | cases | fp32 | fp16 |\n|---|---|---|---|');
for (const network of [...LUA_NETWORKS, ...TINY_NETWORKS, ...KL_NETWORKS, BICUBIC]) {
  const [wide, half] = await worstErrors(network);
  const halfCell = network === BICUBIC ? 'always fp32' : half.toExponential(1);
  console.log(`| ${network.name} | ${network.keys.length} | ${wide.toExponential(1)} | ${halfCell} |`);
}

async function worstErrors(network: ParityNetwork): Promise<[fp32: number, fp16: number]> {
  const weights = network.weights();
  const errors = { fp32: 0, fp16: 0 };
  for (const precision of ['fp32', 'fp16'] as const) {
    for (const key of network.keys) {
      const graph = network.build(key, weights, precision);
      const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
      errors[precision] = Math.max(errors[precision], relativeError(output, network.reference(key)));
    }
  }
  return [errors.fp32, errors.fp16];
}
