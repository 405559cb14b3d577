import type { Provenance } from '../../client';

/** One line about how a latent was made. */
export interface Fact {
  name: string;
  value: string;
}

/** Inputs of ComfyUI's nodes that people ask for, by the words that they are shown under. */
const INPUTS: Readonly<Record<string, string>> = {
  ckpt_name: 'Model',
  unet_name: 'Model',
  lora_name: 'LoRA',
  seed: 'Seed',
  noise_seed: 'Seed',
  steps: 'Steps',
  cfg: 'CFG',
  guidance: 'Guidance',
  sampler_name: 'Sampler',
  scheduler: 'Scheduler',
  text: 'Text',
  clip_l: 'Text',
  t5xxl: 'Text',
};
/** Longer lists are of no use. */
const MAX_FACTS = 24;

/**
 * What the graphs say at a glance. They come from strangers: whatever has not the expected shape is left out.
 * @param graphs as ComfyUI keeps them: `prompt` has the inputs by name, `workflow` only the editor's boxes
 */
export function summariseWorkflow({ prompt, workflow }: NonNullable<Provenance['graphs']>): Fact[] {
  const facts = prompt ? readPrompt(JSON.parse(prompt)) : [];
  if (facts.length) return facts;
  const nodes = workflow ? countNodes(JSON.parse(workflow)) : 0;
  return nodes ? [{ name: 'Nodes', value: String(nodes) }] : [];
}

function readPrompt(prompt: object): Fact[] {
  const facts: Fact[] = [];
  for (const node of Object.values(prompt)) {
    const inputs: unknown = node?.inputs;
    if (typeof inputs !== 'object' || inputs === null) continue;
    for (const [input, value] of Object.entries(inputs)) {
      const name = Object.hasOwn(INPUTS, input) ? INPUTS[input] : undefined;
      // A link to another node is a list.
      if (!name || (typeof value !== 'string' && typeof value !== 'number') || value === '') continue;
      const text = String(value);
      if (!facts.some((fact) => fact.name === name && fact.value === text)) facts.push({ name, value: text });
    }
  }
  const order = Object.values(INPUTS);
  return facts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)).slice(0, MAX_FACTS);
}

function countNodes(workflow: object): number {
  return 'nodes' in workflow && Array.isArray(workflow.nodes) ? workflow.nodes.length : 0;
}
