import { LeapError } from '../errors';
import { type NamedTensor, type TensorFile, toFloat32 } from '../formats';
import { toModelSpace } from './model-space';
import type { Claim } from './recognise/claims';
import { decide } from './recognise/decide';
import { recognise } from './recognise/recognise';
import { measure } from './recognise/statistics';
import { findPackedSize } from './shape/packed-size';
import { familiesOf, readShape } from './shape/read-shape';
import { type Reading, unpackItem } from './shape/unpack';
import type { Candidate, Guess, Latent, ReadHints } from './types';

/** Each becomes a picture in a queue. */
const MAX_ITEMS = 256;

/**
 * The latents of a file in model space, one for each item of the batch (or the one that `hints.item` names), with
 * everything that was decided about it in `provenance`.
 * @throws LeapError `not-a-latent`, `ambiguous` (`detail.candidates`: {@link Candidate}[]), `unsupported`,
 * `too-large`, `bad-option`
 */
export function readLatents(file: TensorFile, hints: ReadHints = {}): Latent[] {
  return readClaim(recognise(file, hints), file.container, hints);
}

/** The latents of a tensor about which a claim is known. */
export function readClaim(claim: Claim, container: string, hints: ReadHints): Latent[] {
  const { tensor, preScale } = claim;
  const { shape } = tensor;
  const readings = readShape(shape, { family: hints.family, layout: hints.layout ?? claim.layout });
  const guesses = [...guessTensor(claim), ...guessLayout(readings)];
  let reading = readings[0]!;
  checkItem(reading, hints.item, shape);

  const values = toFloat32(tensor);
  if (reading.layout === 'packed') {
    const sized = findPackedSize(values, reading, { ...claim.size, ...hints }, shape);
    reading = sized.reading;
    guesses.push(sized.guess);
  }

  const items = hints.item === undefined ? [...Array(reading.items).keys()] : [hints.item];
  const dims: [number, number, number] = [reading.channels, reading.height, reading.width];
  return items.map((item) => {
    const data = unpackItem(values, reading, item);
    const moments = measure(data, reading.channels, preScale);
    const decision = decide(familiesOf(reading), claim.family, claim.space, moments, reading.layout, hints);
    if (decision.space === 'decoder') toModelSpace(data, dims, decision.family, preScale, hints.batchNorm);
    else if (preScale !== 1) for (let at = 0; at < data.length; at++) data[at] = data[at]! * preScale;
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
        item,
        items: reading.items,
        guesses: [...decision.guesses, ...guesses],
        history: [...claim.history],
      },
    };
  });
}

function checkItem({ items }: Reading, item: number | undefined, shape: readonly number[]): void {
  if (item === undefined && items > MAX_ITEMS) {
    throw new LeapError(
      'too-large',
      `The batch has ${items} items; more than ${MAX_ITEMS} are not read at once. Choose one by the option item.`,
      { items, limit: MAX_ITEMS },
    );
  }
  if (item === undefined || (Number.isSafeInteger(item) && item >= 0 && item < items)) return;
  throw new LeapError('bad-option', `The batch has ${items} items; there is no item ${item}.`, {
    shape: [...shape],
  });
}

function guessTensor({ tensor, others }: Claim): Guess[] {
  if (others.length === 0) return [];
  const choices = others.map(({ name, shape }: NamedTensor): Candidate => {
    return { label: `${name} [${shape.join(', ')}]`, hints: { tensor: name } };
  });
  const reason = `The file holds ${others.length + 1} tensors that can be a latent.`;
  return [
    {
      what: 'tensor',
      value: tensor.name,
      confidence: 0.7,
      reason,
      alternatives: others.map(({ name }) => name),
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
  const reason = 'The shape fits several layouts; this one gives the more usual picture.';
  const alternatives = others.map(({ layout }) => layout);
  return [{ what: 'layout', value: first!.layout, confidence: 0.7, reason, alternatives, choices }];
}
