import { defined } from '../defined';
import { LeapError } from '../errors';
import { type NamedTensor, type TensorFile, toFloat32 } from '../formats';
import { readComfyGraphs } from './comfy-graphs';
import { sayUniform } from './doubts/doubt-latent';
import { FAMILIES, FAMILY_IDS, familiesWith } from './families';
import { checkFinite, toModelSpace } from './model-space';
import type { Claim } from './recognise/claims';
import { decide } from './recognise/decide';
import { FOREIGN_FAMILIES, foreignWithTokens } from './recognise/foreign-families';
import { recognise } from './recognise/recognise';
import { measure } from './recognise/statistics';
import { orderLayouts } from './shape/choose-layout';
import { findPackedSize } from './shape/packed-size';
import { measurePatchLikeness } from './shape/patch-likeness';
import { checkSides, countFrames, familiesOf, listChannels, readShape } from './shape/read-shape';
import { type Reading, unpackItem } from './shape/unpack';
import type { Candidate, Guess, Latent, ReadHints } from './types';

/** Tensors that are offered to choose from, and the longest of their names: nobody reads more. */
const MAX_OFFERED = 64;
const MAX_NAME_CHARS = 200;
/** Each becomes a picture in a queue. */
const MAX_ITEMS = 256;

/**
 * The latents of a file in model space, one for each item of the batch (or the one that `hints.item` names), with
 * everything that was decided about it in `provenance`.
 * @throws LeapError `not-a-latent`, `ambiguous` (`detail.candidates`: {@link Candidate}[]), `unsupported`,
 * `too-large`, `bad-option`
 */
export function readLatents(file: TensorFile, hints: ReadHints = {}): Latent[] {
  const latents = readClaim(recognise(file, hints), file.container, hints);
  const graphs = readComfyGraphs(file.metadata);
  if (graphs) for (const { provenance } of latents) provenance.graphs = graphs;
  return latents;
}

/** The latents of a tensor about which a claim is known. */
export function readClaim(claim: Claim, container: string, hints: ReadHints): Latent[] {
  const { tensor, preScale } = claim;
  const { shape } = tensor;
  if (claim.foreign && !hints.family) throw refuseForeign(claim.foreign, shape);
  const layout = hints.layout ?? claim.layout;
  const fitting = preferFamily(readShape(shape, { family: hints.family, layout }), claim.family);
  const values = toFloat32(tensor);
  const readings = orderLayouts(fitting, values, shape);
  const guesses = [...guessTensor(claim), ...guessLayout(readings)];
  let reading = readings[0]!;
  if (reading.layout !== 'packed') checkSides(reading, shape);
  const numbers = numberItems(reading, claim.batchIndex);
  const places = pickItems(numbers, hints.item, shape);
  refuseEncoderOutput(values, reading, shape, hints);

  const rivals = reading.layout === 'packed' ? findRivals(values, shape.at(-1)!) : [];
  if (reading.layout === 'packed') {
    const sized = sayRivals(rivals, () =>
      findPackedSize(values, reading, { hints, stated: claim.size }, shape),
    );
    reading = sized.reading;
    guesses.push(sized.guess);
  }

  const dims: [number, number, number] = [reading.channels, reading.height, reading.width];
  return places.map((place) => {
    const data = unpackItem(values, reading, place);
    const uniform = data.every((value) => value === data[0]) ? data[0] : undefined;
    const remarks = [...(claim.remarks ?? []), sayUniform(uniform)].filter((said) => said !== undefined);
    const moments = measure(data, reading.channels, preScale);
    const decision = decide(familiesOf(reading), claim, moments, reading.layout, hints, rivals);
    if (decision.space === 'decoder') toModelSpace(data, dims, decision.family, preScale, hints.batchNorm);
    else if (preScale !== 1) {
      for (let at = 0; at < data.length; at++) data[at] = data[at]! * preScale;
      checkFinite(data);
    }
    return {
      family: decision.family,
      dims: [...dims],
      data,
      provenance: {
        name: hints.name ?? '',
        container,
        writer: claim.writer,
        tensor: tensor.name,
        shape: [...shape],
        dtype: tensor.dtype,
        space: decision.space,
        preScale,
        item: numbers[place]!,
        items: reading.items,
        guesses: [...decision.guesses, ...guesses],
        ...defined({ uniform, remarks: remarks.length > 0 ? remarks : undefined }),
        history: [...claim.history],
      },
    };
  });
}

/** Tokens whose patches are less alike than this are not of patches, or mostly noise. */
const ALIKE = 0.15;

/** Names of families that are not read, and that keep their latents in tokens like these. */
function findRivals(values: Float32Array, size: number): string[] {
  const rivals = foreignWithTokens(size);
  if (rivals.length === 0 || measurePatchLikeness(values, size) >= ALIKE) return [];
  return rivals.map((id) => FOREIGN_FAMILIES[id].name);
}

/** Whoever is asked for the size of a picture should know that it may be none. */
function sayRivals<T>(rivals: readonly string[], find: () => T): T {
  try {
    return find();
  } catch (thrown) {
    if (!(thrown instanceof LeapError) || thrown.code !== 'ambiguous' || rivals.length === 0) throw thrown;
    const message = `${thrown.message} It may also be a latent of ${rivals.join(' or ')}, which is not read here.`;
    throw new LeapError('ambiguous', message, thrown.detail);
  }
}

function refuseForeign({ name, reason }: NonNullable<Claim['foreign']>, shape: readonly number[]): LeapError {
  const frames = countFrames(shape);
  // Whatever its family, a video would be refused next.
  const channels = frames > 1 ? [] : listChannels(shape);
  const fitting = FAMILY_IDS.filter((id) => channels.includes(FAMILIES[id].channels));
  const choose = fitting.length > 0 ? ' If that is wrong, choose a family.' : '';
  const instead = frames > 1 ? ` It has ${frames} frames, and only single pictures are read.` : choose;
  return new LeapError(
    'unsupported',
    `This is a latent of ${name}, which is not read here. ${reason}${instead}`,
    {
      foreign: name,
      complete: true,
      candidates: fitting.map((id) => ({ label: FAMILIES[id].label, hints: { family: id } })),
    },
  );
}

/** Readings of a family that was stated, if there are any: a name picks among layouts. */
function preferFamily(readings: Reading[], stated: Claim['family']): Reading[] {
  const fitting = stated ? readings.filter((one) => familiesOf(one).includes(stated.value)) : [];
  return fitting.length > 0 ? fitting : readings;
}

/** Log variances of an encoder: far below zero, where a latent's channels are about it. */
const LOG_VARIANCE = -3;

/**
 * An encoder's output, mean and log variance, has twice the channels of its latents, and so can have those of another
 * family.
 * @throws LeapError `not-a-latent`
 */
function refuseEncoderOutput(
  values: Float32Array,
  reading: Reading,
  shape: readonly number[],
  hints: ReadHints,
): void {
  const { layout, channels, items } = reading;
  if (layout !== 'unpacked' || hints.family || familiesWith(channels / 2).length === 0) return;
  const area = values.length / items / channels;
  const second = values.subarray((channels / 2) * area, channels * area);
  const high = second.filter((value) => value > LOG_VARIANCE).length;
  if (high > second.length / 50) return;
  const half = channels / 2;
  throw new LeapError(
    'not-a-latent',
    `These are the ${channels} channels of an encoder, mean and log variance, not a latent: save the first ${half} of them.`,
    { shape: [...shape], complete: true },
  );
}

/** The number of each item: its place in the file, unless the file gives every item another. */
function numberItems({ items }: Reading, batchIndex: readonly number[] | undefined): readonly number[] {
  return batchIndex?.length === items ? batchIndex : [...Array(items).keys()];
}

/** Places in the file of the items to read. @throws LeapError `too-large`, `bad-option` */
function pickItems(
  numbers: readonly number[],
  item: ReadHints['item'],
  shape: readonly number[],
): readonly number[] {
  const items = numbers.length;
  if (item === 'first') return [0];
  if (item !== undefined) {
    const place = numbers.indexOf(item);
    if (place >= 0) return [place];
    throw new LeapError(
      'bad-option',
      `There is no item ${item}, counted from 0, in this batch of ${items}.`,
      { shape: [...shape], item, items: numbers.slice(0, MAX_ITEMS) },
    );
  }
  if (items > MAX_ITEMS) {
    throw new LeapError(
      'too-large',
      `The batch has ${items} items, but at most ${MAX_ITEMS} are read at once. Choose one with the option item.`,
      { items, limit: MAX_ITEMS, complete: true },
    );
  }
  return [...numbers.keys()];
}

function guessTensor({ tensor, others, choice }: Claim): Guess[] {
  if (others.length === 0) return [];
  const offered = others.filter(({ name }) => name.length <= MAX_NAME_CHARS).slice(0, MAX_OFFERED);
  const choices = offered.map(({ name, shape }: NamedTensor): Candidate => {
    return { label: `${name} [${shape.join(', ')}]`, hints: { tensor: name } };
  });
  const { confidence = 0.7, reason = `The file holds ${others.length + 1} tensors that can be a latent.` } =
    choice ?? {};
  return [
    {
      what: 'tensor',
      value: tensor.name,
      confidence,
      reason,
      alternatives: offered.map(({ name }) => name),
      choices,
    },
  ];
}

function guessLayout([first, ...rest]: Reading[]): Guess[] {
  const others = rest.filter(({ layout }) => layout !== first!.layout);
  if (others.length === 0) return [];
  const choices = others.map(({ layout, items, channels }): Candidate => {
    return { label: `${layout}, ${items} of ${channels} channels`, hints: { layout } };
  });
  const reason = 'The shape fits several layouts; the values are most like those of this one.';
  const alternatives = others.map(({ layout }) => layout);
  return [{ what: 'layout', value: first!.layout, confidence: 0.8, reason, alternatives, choices }];
}
