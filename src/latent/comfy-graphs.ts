/** Longer texts are not kept: no workflow is as long. */
const MAX_CHARS = 4 * 2 ** 20;

/** Under these names ComfyUI keeps its graphs in latents and in pictures. */
export const GRAPH_KEYS = ['prompt', 'workflow'] as const;

/** The graphs that ComfyUI keeps with what it saves, as JSON: what was executed, and what its editor shows. */
export type ComfyGraphs = Partial<Record<(typeof GRAPH_KEYS)[number], string>>;

/** @returns undefined where the metadata has none that are JSON objects */
export function readComfyGraphs(metadata: Readonly<Record<string, string>>): ComfyGraphs | undefined {
  const graphs: ComfyGraphs = {};
  for (const key of GRAPH_KEYS) {
    const text = metadata[key];
    if (typeof text === 'string' && text.length <= MAX_CHARS && isJsonObject(text)) graphs[key] = text;
  }
  return Object.keys(graphs).length ? graphs : undefined;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
