import {
  isEncoderLoader,
  isModelLoader,
  isSideInput,
  isSideLink,
  looksLikeModelName,
  namesModel,
  tellingWords,
} from './comfyui-nodes';
import { familyFromEncoder, familyFromName, type Named } from './name-hints';

/** What a ComfyUI graph says about the latent's family. */
export interface NamedModel {
  model: string;
  named: Named;
}

interface Node {
  type: string;
  /** Strings that may name a model. */
  names: string[];
  /** Types of the text encoders that it loads. */
  encoders: string[];
  /** Ids of the nodes that feed this one. */
  sources: string[];
}

/** The largest graphs that people share have about 1 MB. */
const MAX_GRAPH_CHARS = 4_000_000;
const SAVE_TYPE = /SaveLatent/;

/**
 * The model named in the graph that made a `.latent`: nearest to the node that saved it, following the links
 * upstream. Links of texts and pictures are not followed: the model that wrote a prompt says nothing of the latent.
 * SaveLatent writes the executed graph as `prompt` and the editor's as `workflow`, both JSON.
 * A node that exists for one family says it as well; where nothing else does, the type of the text encoder. Source: ComfyUI `nodes.py`, `SaveLatent.save`.
 * @param fits which families the latent could be of; names of others are free
 */
export function findNamedModel(
  metadata: Readonly<Record<string, string>>,
  fits: (named: Named) => boolean = () => true,
): NamedModel | undefined {
  const graph = readPrompt(parse(metadata.prompt)) ?? readWorkflow(parse(metadata.workflow));
  if (!graph) return undefined;
  const saving = [...graph].filter(([, node]) => SAVE_TYPE.test(node.type)).map(([id]) => id);
  const queue = saving.length > 0 ? saving : [...graph.keys()];
  const seen = new Set(queue);
  let encoder: NamedModel | undefined;
  // A Set would do for both, but the walk must be breadth first: `queue` grows while it is read.
  for (const id of queue) {
    const node = graph.get(id);
    if (!node) continue;
    for (const name of node.names) {
      const named = familyFromName(name, fits);
      if (named) return { model: name, named };
    }
    for (const words of tellingWords(node.type)) {
      const named = familyFromName(words, fits);
      if (named) return { model: `the node ${node.type}`, named };
    }
    for (const type of node.encoders) {
      const named = familyFromEncoder(type);
      if (named && fits(named)) encoder ??= { model: `a text encoder of the type ${type}`, named };
    }
    for (const source of node.sources) {
      if (!seen.has(source)) queue.push(source);
      seen.add(source);
    }
  }
  return encoder;
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
      typeof value === 'string' && namesModel(type, key) ? [value] : [],
    );
    const sources = inputs.flatMap(([key, value]) =>
      Array.isArray(value) && !isSideInput(key) ? readId(value[0]) : [],
    );
    const texts = inputs.flatMap(([key, value]) =>
      /^type\d?$/.test(key) && typeof value === 'string' ? [value] : [],
    );
    graph.set(id, {
      type,
      names,
      encoders: isEncoderLoader(type) ? texts : [],
      sources,
    });
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
    const texts = Array.isArray(widgets) ? widgets.filter((value) => typeof value === 'string') : [];
    const names = isModelLoader(type) ? texts.filter(looksLikeModelName) : [];
    for (const id of readId(node.id)) {
      graph.set(id, {
        type,
        names,
        encoders: isEncoderLoader(type) ? texts : [],
        sources: [],
      });
    }
  }
  for (const link of Array.isArray(workflow.links) ? (workflow.links as unknown[]) : []) {
    if (!Array.isArray(link) || isSideLink(link[5])) continue;
    const [from, to] = [readId(link[1]), readId(link[3])];
    for (const id of to) graph.get(id)?.sources.push(...from);
  }
  return graph.size > 0 ? graph : undefined;
}

/** A node's id as a key, or nothing: a graph may hold anything where an id belongs. */
function readId(value: unknown): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}

/** A graph that is not JSON says nothing; the latent is still good. */
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
