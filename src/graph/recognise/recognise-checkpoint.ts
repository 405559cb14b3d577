import { defined } from '../../defined';
import { joinWords } from '../../join-words';
import { FAMILIES, FAMILY_IDS, familiesWith } from '../../latent/families';
import type { FamilyId } from '../../latent/types';
import { nameKind } from '../../model-kinds';
import { ARCHITECTURES, type Architecture } from '../architectures';
import type { ModelKind, WeightsFile } from '../types';
import { type FoundModel, type Neighbour, refuse } from './recognised-model';

/** A tensor as a checkpoint's header names it. */
export interface TensorShape {
  name: string;
  shape: number[];
}

/** One network that a checkpoint holds. */
export interface RecognisedModel extends FoundModel {
  architecture: Architecture;
  kind: ModelKind;
  /** The families of latents with so many channels. The tensors do not tell for which of them it was trained. */
  families: FamilyId[];
}

/**
 * Says which networks a checkpoint holds, from the names and shapes of its tensors alone: a full autoencoder
 * (AutoencoderKL in the layouts of diffusers and of CompVis and BFL), a tiny one (TAESD in its three layouts), a LUA
 * (the authors', any SwinIR with a pixel-shuffle head), another latent upscaler (NNLatentUpscale, SD-Latent-Upscaler,
 * LSRNA's LSR), or our own decoder, encoder or LUA.
 *
 * @param metadata of a safetensors file; our own files say their space there
 * @returns one model, or two for a whole autoencoder: its decoder, then its encoder
 * @throws LeapError `unsupported` saying what was found instead
 */
export function recogniseCheckpoint(
  tensors: readonly TensorShape[],
  metadata: Record<string, string> = {},
): RecognisedModel[] {
  const file = asFile(tensors, metadata);
  refuseLeapParts(tensors, metadata);
  const found = Object.entries(ARCHITECTURES).flatMap(([name, { kind, recognise }]) => {
    const model = recognise(file);
    return model ? [{ ...model, architecture: name as Architecture, kind }] : [];
  });
  if (found.length === 0)
    throw refuse(
      `holds no network of a known kind. ${sayWhatItIs(tensors)}`,
      tensors,
      findNeighbour(tensors),
    );
  return found.map((model) => {
    // An upscaler of pictures does not care what latent they were decoded from.
    const families = model.kind === 'enlarger' ? FAMILY_IDS : familiesWith(model.channels);
    if (families.length > 0) return { ...model, families };
    throw refuse(
      `holds ${nameKind(model.kind)} for ${model.channels} channels; latents have ${listChannels()} of them`,
      tensors,
    );
  });
}

/** A header for the layout finders, which look at nothing but names and shapes. */
function asFile(tensors: readonly TensorShape[], metadata: Record<string, string>): WeightsFile {
  const entries = new Map(
    tensors.map(({ name, shape }) => [name, { name, shape, dtype: 'F32' as const, begin: 0, end: 0 }]),
  );
  return { path: 'checkpoint', header: { entries, metadata, dataStart: 0 } };
}

/** Our own models come in two files, of which neither is one. */
function refuseLeapParts(tensors: readonly TensorShape[], metadata: Record<string, string>): void {
  const names = new Set(tensors.map(({ name }) => name));
  const complete = names.has('conv_first.weight')
    ? names.has('conv_after_body.weight') || names.has('stem.0.conv0.weight')
    : names.has('conv_in.weight') && names.has('conv_out.weight');
  const part = /"part":\s*"(trunk|family)"/.exec(metadata.latent_leap ?? '')?.[1];
  const headless =
    names.has('stages.0.blocks.0.conv0.weight') ||
    names.has('stem.0.conv0.weight') ||
    (names.has('conv_after_body.weight') && [...names].some((name) => name.startsWith('heads.')));
  if (complete || !(part || headless)) return;
  const halves = ['the trunk', 'the per-family half'];
  const [half, other] = part === 'family' ? halves.toReversed() : halves;
  throw refuse(`is only ${half} of a two-file model; the other half is ${other}`, tensors);
}

/** Says what the file most likely is. */
function sayWhatItIs(tensors: readonly TensorShape[]): string {
  if (tensors.length === 0) return 'It has no tensors.';
  const known = findNeighbour(tensors);
  if (known) return [`It looks like ${known.looksLike}.`, known.advice].join(' ').trim();
  const first = tensors.slice(0, 3).map(({ name, shape }) => `${name} [${shape}]`);
  return `It has ${tensors.length} tensors, the first of them ${first.join(', ')}.`;
}

function findNeighbour(tensors: readonly TensorShape[]): Neighbour | undefined {
  const row = NEIGHBOURS.find(([pattern]) => tensors.some(({ name }) => pattern.test(name)));
  return row && { looksLike: row[1], ...defined({ advice: row[2] }) };
}

const ADD_VAE = 'Add the VAE as a file of its own.';

/** What people might take for one of ours, and what they can do instead. */
const NEIGHBOURS: [pattern: RegExp, what: string, advice?: string][] = [
  [/lora_(down|up|A|B)\./, 'a LoRA'],
  [/(^|[._])hada_w\d/, 'a LoHa'],
  [/(^|[._])lokr_w\d/, 'a LoKr'],
  [/(^|[._])oft_(blocks|diag)/, 'an OFT'],
  [/(^|\.)emb_params$/, 'a textual inversion'],
  [/^conditioner\.embedders\.1\./, 'an SDXL checkpoint without its VAE', ADD_VAE],
  [/^cond_stage_model\./, 'an SD checkpoint without its VAE', ADD_VAE],
  [/(^|\.)(input_blocks|down_blocks\.\d+\.attentions)\./, 'a diffusion U-Net without a VAE'],
  [
    /(^|\.)(double_blocks|single_blocks|transformer_blocks|joint_blocks)\./,
    'a diffusion transformer without a VAE',
  ],
  [/(^|\.)text_model\.|(^|\.)encoder\.block\.\d+\.layer\./, 'a text encoder'],
  [/rdb\d?\.|(^|\.)body\.\d+\./, 'an upscaler of pictures (ESRGAN or the like)'],
  [/^sequential\.0\.|^in_blocks\.0\.in_layers/, 'a latent upscaler of an unknown variant'],
  [/middle\.0\.residual|time_stack|conv3d/, 'an autoencoder of videos'],
];

/** `4, 16 or 32` */
function listChannels(): string {
  const counts = [...new Set(Object.values(FAMILIES).map(({ channels }) => channels))].sort((a, b) => a - b);
  return joinWords(counts.map(String), 'or');
}
