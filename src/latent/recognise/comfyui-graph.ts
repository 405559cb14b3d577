import { familyFromName, type Named } from './name-hints';

/** What a ComfyUI graph says about the latent's family. */
export interface NamedModel {
  model: string;
  named: Named;
}

interface Node {
  type: string;
  /** Strings that may name a model. */
  names: string[];
  /** Ids of the nodes that feed this one. */
  sources: string[];
}

/** Inputs of loader nodes. Text encoders and LoRAs are left out: t5xxl is no SDXL, and a LoRA's name is free. */
const MODEL_INPUT = /^(ckpt|unet|vae|model|gguf|diffusion_model)(_name)?$/;
const LOADER_TYPE = /load/i;
const OTHER_LOADER = /clip|lora|control|image|latent|style|upscale|mask|video|audio/i;
/** Nodes that exist for one family only. */
const TELLING_TYPE = /flux2/i;
/** The largest graphs that people share have about 1 MB. */
const MAX_GRAPH_CHARS = 4_000_000;
const SAVE_TYPE = /SaveLatent/;

/**
 * The model named in the graph that made a `.latent`: nearest to the node that saved it, following the links
 * upstream. SaveLatent writes the executed graph as `prompt` and the editor's as `workflow`, both JSON.
 * Source: ComfyUI `nodes.py`, `SaveLatent.save`.
 */
export function findNamedModel(metadata: Readonly<Record<string, string>>): NamedModel | undefined {
  const graph = readPrompt(parse(metadata.prompt)) ?? readWorkflow(parse(metadata.workflow));
  if (!graph) return undefined;
  const saving = [...graph].filter(([, node]) => SAVE_TYPE.test(node.type)).map(([id]) => id);
  const queue = saving.length > 0 ? saving : [...graph.keys()];
  const seen = new Set(queue);
  // A Set would do for both, but the walk must be breadth first: `queue` grows while it is read.
  for (const id of queue) {
    const node = graph.get(id);
    if (!node) continue;
    for (const name of node.names) {
      const named = familyFromName(name);
      if (named) return { model: name, named };
    }
    for (const source of node.sources) {
      if (!seen.has(source)) queue.push(source);
      seen.add(source);
    }
  }
  return undefined;
}

/** `{ id: { class_type, inputs: { name: value or [id, output] } } }` */
function readPrompt(prompt: unknown): Map<string, Node> | undefined {
  if (!isRecord(prompt)) return undefined;
  const graph = new Map<string, Node>();
  for (const [id, node] of Object.entries(prompt)) {
    if (!isRecord(node)) continue;
    const type = typeof node.class_type === 'string' ? node.class_type : '';
    const inputs = isRecord(node.inputs) ? Object.entries(node.inputs) : [];
    const names = inputs.flatMap(([key, value]) =>
      typeof value === 'string' && MODEL_INPUT.test(key) ? [value] : [],
    );
    const sources = inputs.flatMap(([, value]) => (Array.isArray(value) ? [String(value[0])] : []));
    graph.set(id, { type, names: TELLING_TYPE.test(type) ? [type, ...names] : names, sources });
  }
  return graph.size > 0 ? graph : undefined;
}

/** `{ nodes: [{ id, type, widgets_values }], links: [[link, from, slot, to, slot, type]] }` */
function readWorkflow(workflow: unknown): Map<string, Node> | undefined {
  if (!isRecord(workflow) || !Array.isArray(workflow.nodes)) return undefined;
  const graph = new Map<string, Node>();
  for (const node of workflow.nodes as unknown[]) {
    if (!isRecord(node)) continue;
    const type = typeof node.type === 'string' ? node.type : '';
    const widgets = isRecord(node.widgets_values) ? Object.values(node.widgets_values) : node.widgets_values;
    const loads = LOADER_TYPE.test(type) && !OTHER_LOADER.test(type);
    const names = loads && Array.isArray(widgets) ? widgets.filter((value) => typeof value === 'string') : [];
    graph.set(String(node.id), {
      type,
      names: TELLING_TYPE.test(type) ? [type, ...names] : names,
      sources: [],
    });
  }
  for (const link of Array.isArray(workflow.links) ? (workflow.links as unknown[]) : []) {
    if (Array.isArray(link)) graph.get(String(link[3]))?.sources.push(String(link[1]));
  }
  return graph.size > 0 ? graph : undefined;
}

/** A graph that is no JSON says nothing; the latent is still good. */
function parse(text: string | undefined): unknown {
  if (text === undefined || text.length > MAX_GRAPH_CHARS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
