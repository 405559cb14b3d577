import { LeapError } from '../../errors';
import type { NamedTensor, TensorEntry } from '../../formats/types';
import { buildGraph, type GraphOptions, type RecognisedModel } from '../../graph';
import type { BuiltGraph, WeightsFile } from '../../graph/types';
import { FAMILIES } from '../../latent/families';
import type { FamilyId } from '../../latent/types';
import { KIND_NAMES } from '../../model-kinds';

/** A tensor whose values are not needed. */
export type TensorFacts = Pick<NamedTensor, 'name' | 'shape' | 'dtype'>;

/** Latent positions a side: any size shows whether the tensors fit together. */
const SIDE = 8;
const RGB = 3;

/**
 * Builds the graphs of a network once, so that a checkpoint with missing, misshapen or surplus tensors is refused when it
 * is added, and not when it is used.
 *
 * @param tensors all tensors of the file; only those that the network keeps are checked
 * @throws LeapError `bad-weights`
 */
export function checkNetwork(
  tensors: readonly TensorFacts[],
  metadata: Record<string, string>,
  network: RecognisedModel,
  family: FamilyId,
): void {
  // An ONNX file comes with its graph, and was read when it was opened.
  if (network.kind === 'enlarger') return;
  const kept = tensors.filter(({ name }) => network.keep.some((prefix) => name.startsWith(prefix)));
  const file = describeFile(kept, metadata);
  const unused = new Set(kept.map(({ name }) => name).filter(isLayer));
  for (const scale of trialScales(network)) {
    const graph = build(file, network, family, scale);
    checkEnds(graph, network, family, scale);
    for (const name of graph.weightNames) unused.delete(name);
  }
  const [surplus] = unused;
  if (surplus === undefined) return;
  throw new LeapError(
    'bad-weights',
    `The checkpoint is incomplete or an unknown variant: its ${KIND_NAMES[network.kind]} does not use the tensor ${surplus}.`,
    { tensor: surplus, count: unused.size },
  );
}

/** Factors whose graphs have all tensors between them; undefined for an autoencoder. */
function trialScales({ scales, scaleRange, askScale }: RecognisedModel): (number | undefined)[] {
  return scales ?? askScale?.slice(-1) ?? scaleRange?.slice(-1) ?? [undefined];
}

function build(
  file: WeightsFile,
  { architecture, kind }: RecognisedModel,
  family: FamilyId,
  scale: number | undefined,
): BuiltGraph {
  const side = kind === 'encoder' ? SIDE * FAMILIES[family].stride : SIDE;
  const options: GraphOptions = { weights: [file], height: side, width: side, precision: 'fp32' };
  try {
    return buildGraph(architecture, scale === undefined ? options : { ...options, scale });
  } catch (thrown) {
    if (thrown instanceof LeapError && thrown.code === 'bad-weights') throw thrown;
    const message = `The tensors of this checkpoint do not fit together, so its ${KIND_NAMES[kind]} cannot be built.`;
    throw new LeapError('bad-weights', message, { architecture }, { cause: thrown });
  }
}

/** A network may fit together and still give pictures of five channels. */
function checkEnds(
  { input, output }: BuiltGraph,
  { kind, channels }: RecognisedModel,
  family: FamilyId,
  scale = 1,
): void {
  const pixels = SIDE * FAMILIES[family].stride;
  const latent = [1, channels, SIDE, SIDE];
  const picture = [1, RGB, pixels, pixels];
  const [from, to] = {
    decoder: [latent, picture],
    encoder: [picture, latent],
    lua: [latent, [1, channels, SIDE * scale, SIDE * scale]],
    enlarger: [picture, picture],
  }[kind] as [number[], number[]];
  if (`${input.shape}` === `${from}` && `${output.shape}` === `${to}`) return;
  throw new LeapError(
    'bad-weights',
    `The ${KIND_NAMES[kind]} of this checkpoint turns [${input.shape}] into [${output.shape}], but should turn [${from}] into [${to}].`,
    { input: input.shape, output: output.shape },
  );
}

/** Buffers and counters are not layers, and a LUA's heads for x3 and the like are never used. */
function isLayer(name: string): boolean {
  return /\.(weight|bias)$/.test(name) && !/(^|\.)heads\.x(?![24]\.)\d+\./.test(name);
}

/** A header for the graph builders, which look at names, shapes and types only. */
function describeFile(tensors: readonly TensorFacts[], metadata: Record<string, string>): WeightsFile {
  const entries = new Map(
    tensors.map((tensor): [string, TensorEntry] => [tensor.name, { ...tensor, begin: 0, end: 0 }]),
  );
  return { path: 'checkpoint', header: { entries, metadata, dataStart: 0 } };
}
