import type { OnnxNode } from './onnx-proto';

/**
 * The bytes of all tensors that are alive at the worst moment, if the nodes run in order and each tensor is freed after
 * its last use. Weights and constants do not count, nor what a runtime needs on top (alignment, scratch, kept buffers).
 *
 * @param sizes bytes by tensor name; missing names (constants) count as nothing
 * @param aliases operations whose output is the memory of their first input under another shape
 */
export function peakBytes(
  nodes: readonly OnnxNode[],
  sizes: ReadonlyMap<string, number>,
  aliases: ReadonlySet<string>,
): number {
  const owner = new Map<string, string>();
  const ownerOf = (name: string) => owner.get(name) ?? name;
  const lastUse = new Map<string, number>();
  for (const [i, node] of nodes.entries()) {
    if (aliases.has(node.opType)) owner.set(node.output[0]!, ownerOf(node.input[0]!));
    for (const name of [...node.input, ...node.output]) lastUse.set(ownerOf(name), i);
  }
  let alive = 0;
  let peak = 0;
  const living = new Set<string>();
  for (const [i, node] of nodes.entries()) {
    for (const name of [...node.input, ...node.output].map(ownerOf)) {
      if (living.has(name)) continue;
      living.add(name);
      alive += sizes.get(name) ?? 0;
    }
    peak = Math.max(peak, alive);
    for (const name of living) {
      if (lastUse.get(name) !== i) continue;
      living.delete(name);
      alive -= sizes.get(name) ?? 0;
    }
  }
  return peak;
}
