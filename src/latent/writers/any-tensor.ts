import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { describeDtype, isFloatDtype, type NamedTensor, type TensorFile } from '../../formats';
import { isFamilyId } from '../families';
import { type Claim, claimNamed, type Statement, type Writer } from '../recognise/claims';
import { familyFromName } from '../recognise/name-hints';
import { fitsShape } from '../recognise/named-fits';
import { pickStep } from '../recognise/steps';
import { couldBeLatent, describeShapes, hintAtOrder } from '../shape/read-shape';
import type { Space } from '../types';

/** Names that people give a latent, the likeliest first. */
const USUAL_NAMES = ['latents', 'latent', 'samples', 'sample', 'z', 'x', 'images', 'tensor', 'arr_0', ''];
/** Tensors that stand beside a latent and can have its shape. */
const COMPANION = /(^|[._])(noise_mask|mask|alpha_mask|noise|latents_flipped|timesteps?|sigmas?)(_\d+x\d+)?$/;
/** How the parameters of networks are named. */
const PARAMETER =
  /((^|[._])(weight|bias|gamma|beta|alpha|running_(mean|var)|num_batches_tracked|position_ids|relative_position_bias_table|attn_mask|lora_(up|down|A|B)|hada_\w+|lokr_\w+|oft_\w+|dora_scale|scale_weight|exp_avg(_sq)?|emb_params|pos_embed|modulation)|\.noise_\d+)$/;
/** The name of a network's parameter is a path. */
const IN_NETWORK = /\./;
const MAX_NAME_CHARS = 80;
/** Metadata under which programs name the model that a latent is of. */
const MODEL_KEYS = /^(model|base_model|model_(name|id|type)|pipeline|vae|architecture|_class_name)$/;
/** Tensors that are compared with a name. */
const MAX_FOREIGN = 64;

/**
 * A file without the marks of a known writer: what a diffusers pipeline returns for `output_type="latent"`, saved by
 * whatever means. The tensor is found by its name, or because it is the first whose shape a latent can have;
 * metadata `family` and `space` are believed, and what the name of the file, of a model in its metadata or of the tensor says. Space: diffusers scales latents for the decoder
 * only when it decodes, so they are model space; its klein pipeline alone un-normalises first.
 * Source: diffusers `pipelines/<family>/pipeline_<family>.py`, `__call__`.
 * @throws LeapError `not-a-latent` when no tensor has the shape of a latent, not even of one that is not read here
 */
export const anyTensor: Writer = (file, name) => {
  const possible = listCandidates(file).filter(
    ({ dtype, bytes, shape }) => isFloatDtype(dtype) && bytes.length > 0 && couldBeLatent(shape),
  );
  const companions = possible.filter((tensor) => COMPANION.test(tensor.name));
  const ranked = rankByName(possible.filter((tensor) => !COMPANION.test(tensor.name)));
  if (possible.length === 0) return claimForeign(file, name);
  const { tensor, others, choice } = pickStep(ranked.length > 0 ? ranked : companions);
  const space = spaceFromFile(file.metadata);
  return {
    writer: '',
    tensor,
    others: ranked.length > 0 ? [...others, ...companions] : others,
    ...defined({ choice }),
    preScale: 1,
    history: [],
    ...familyFromFile(file.metadata, name, tensor),
    ...defined({ space: space && (() => space) }),
  };
};

/**
 * The tensors that are not parameters. A network keeps buffers beside its parameters, so in its file only a tensor with
 * a latent's name can be one.
 */
function listCandidates({ tensors }: TensorFile): NamedTensor[] {
  const isNetwork = tensors.some(({ name }) => PARAMETER.test(name) && IN_NETWORK.test(name));
  return tensors.filter(({ name }) => !PARAMETER.test(name) && (!isNetwork || hasLatentName(name)));
}

/** Numbers are places in a list, and say nothing. */
function hasLatentName(name: string): boolean {
  const key = name.split('.').findLast((one) => !/^\d+$/.test(one)) ?? '';
  return USUAL_NAMES.includes(key) || /latent/i.test(key);
}

/** Claims a tensor that could be of a family that is named, and that is not read here. */
function claimForeign(file: TensorFile, name: string): Claim {
  for (const tensor of listCandidates(file).slice(0, MAX_FOREIGN)) {
    if (!isFloatDtype(tensor.dtype)) continue;
    const said = familyFromNames(file.metadata, name, tensor);
    if (said.foreign) return { writer: '', tensor, others: [], preScale: 1, history: [], ...said };
  }
  throw noLatent(file);
}

/** A nested tensor has the best rank of the keys that lead to it: `images.0` counts as `images`. */
function rankByName(tensors: readonly NamedTensor[]): NamedTensor[] {
  const rank = (name: string) => {
    const ranks = name.split('.').map((key) => USUAL_NAMES.indexOf(key));
    return ranks.reduce((best, one) => (one >= 0 && one < best ? one : best), USUAL_NAMES.length);
  };
  return tensors
    .map((tensor) => ({ tensor, rank: rank(tensor.name) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ tensor }) => tensor);
}

function familyFromFile(
  metadata: Readonly<Record<string, string>>,
  name: string,
  tensor: NamedTensor,
): Pick<Claim, 'family' | 'foreign'> {
  const { family } = metadata;
  if (isFamilyId(family)) {
    return { family: { value: family, confidence: 0.95, reason: 'The metadata of the file says so.' } };
  }
  return familyFromNames(metadata, name, tensor);
}

/** What the first name says that says anything: of a model in the metadata, of the file, of the tensor. */
function familyFromNames(
  metadata: Readonly<Record<string, string>>,
  file: string,
  tensor: NamedTensor,
): Pick<Claim, 'family' | 'foreign'> {
  const fits = fitsShape(tensor.shape);
  const models = Object.entries(metadata).filter(([key]) => MODEL_KEYS.test(key));
  const names: [name: string, confidence: number, reason: string][] = [
    ...models.map(([key, name]): [string, number, string] => [
      name,
      0.9,
      `Its metadata names the ${key} ${shorten(name)}.`,
    ]),
    [file, 0.8, `The file is called ${file}.`],
    [tensor.name, 0.8, `The tensor is called ${shorten(tensor.name)}.`],
  ];
  for (const [name, confidence, reason] of names) {
    const named = familyFromName(name, fits);
    if (named) return claimNamed(named, confidence, reason);
  }
  return {};
}

function spaceFromFile({ space }: Readonly<Record<string, string>>): Statement<Space> | undefined {
  if (space !== 'model' && space !== 'decoder') return undefined;
  return { value: space, confidence: 0.95, reason: 'The metadata of the file says so.' };
}

/** Names the first tensors, so that one sees what the file is. */
function noLatent({ tensors, leftOut = [] }: TensorFile): LeapError {
  const detail = { found: tensors.slice(0, 4).map(describeTensor), tensors: tensors.length, complete: true };
  const parameters = tensors.filter(({ name }) => PARAMETER.test(name));
  if (parameters.length > 0) {
    const message = `This is a model, not a latent: it holds ${parameters.length} weights, such as ${shorten(parameters[0]!.name)}.`;
    return new LeapError('not-a-latent', message, { ...detail, model: true });
  }
  const shaped = tensors.find(({ shape, bytes }) => bytes.length > 0 && couldBeLatent(shape));
  if (shaped) {
    const what = `${shorten(shaped.name) || 'The array'} has the shape of a latent, but holds ${describeDtype(shaped.dtype)}`;
    return new LeapError('not-a-latent', `${what}; expected floats. Save it before it is converted.`, detail);
  }
  const hint = tensors.map(({ shape }) => hintAtOrder(shape)).find((one) => one !== '') ?? '';
  const more = tensors.length > 4 ? ` and ${tensors.length - 4} more` : '';
  const beside = leftOut.length > 0 ? ` Not read: ${leftOut.slice(0, 3).map(shorten).join(', ')}.` : '';
  return new LeapError(
    'not-a-latent',
    `No tensor of this file has the shape of a latent; it holds ${detail.found.join(', ') || 'no tensors'}${more}${hint}.${beside} ` +
      `For a latent: ${describeShapes()}.`,
    detail,
  );
}

function describeTensor({ name, dtype, shape }: NamedTensor): string {
  return `${shorten(name) || 'array'} ${dtype} [${shape.slice(0, 16).join(', ')}]`;
}

function shorten(name: string): string {
  return name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS)}…` : name;
}
