import { LeapError } from '../../errors';
import { FAMILIES } from '../families';
import type { Claim } from '../recognise/claims';
import type { Candidate, Guess, ReadHints } from '../types';
import { checkSides } from './read-shape';
import type { Reading } from './unpack';

/** The stride of every family whose latents come as tokens. */
const STRIDE = FAMILIES.flux1.stride;
/** Pictures narrower than 4:1 are not offered. */
const MAX_ASPECT = 4;
/** The most sizes to offer, the likeliest first. */
const MAX_CANDIDATES = 12;
/** Rows of tokens that are compared: enough for a mean, cheap for any size. */
const MAX_TOKENS = 4096;
/**
 * Neighbours in a picture differ clearly less than unrelated tokens (1), and less than those of any other width. They
 * differ by 0.5 to 0.6 in the photographs of public/samples.
 */
const DECISIVE_DIFFERENCE = 0.8;
const DECISIVE_RATIO = 0.9;
/** How large a difference counts as much as a doubled aspect. */
const ASPECT_COST = 0.2;

interface Pair {
  width: number;
  height: number;
  /** Mean squared difference of vertical neighbours over that of unrelated tokens, if the picture were so wide. */
  difference: number;
}

/**
 * Height and width of packed tokens, in latent positions. The caller's hints decide, then what the file states
 * or its name says, then the picture itself: with the right width, vertical neighbours are alike. A square needs no proof, because it is the
 * default of every pipeline.
 *
 * @param data values of the first item or more, [N, 4C]
 * @throws LeapError `ambiguous` with `detail.candidates` (a {@link Candidate} each, the likeliest first) when nothing
 * tells the size; `bad-option` when the hints do not fit; `not-a-latent` when no size fits
 */
export function findPackedSize(
  data: Float32Array,
  reading: Reading,
  { hints, stated }: { hints: ReadHints; stated: Claim['size'] },
  shape: readonly number[],
): { reading: Reading; guess: Guess } {
  const pairs = listPairs(reading.tokens);
  const isChosen = hints.width !== undefined || hints.height !== undefined;
  if (isChosen || stated) {
    const { width, height } = fromHints(reading.tokens, isChosen ? hints : { ...stated });
    checkSides({ width, height }, shape);
    return {
      reading: { ...reading, width, height },
      guess: {
        what: 'size',
        value: label(width, height),
        confidence: 1,
        reason: isChosen ? 'You chose it.' : 'The file says so.',
        ...others(pairs, width),
      },
    };
  }
  if (pairs.length === 0) {
    throw new LeapError(
      'not-a-latent',
      `${reading.tokens} packed tokens do not fill a picture of a usual aspect ratio.`,
      {
        shape: [...shape],
      },
    );
  }
  const ranked = rank(pairs, data, reading);
  const { chosen, confidence, reason } = choose(ranked, hints.name ?? '');
  if (!chosen) {
    throw new LeapError(
      'ambiguous',
      `${reading.tokens} packed tokens do not say how wide the picture is. Choose its size.`,
      { shape: [...shape], candidates: orderUndecided(ranked).slice(0, MAX_CANDIDATES).map(toCandidate) },
    );
  }
  checkSides(chosen, shape);
  return {
    reading: { ...reading, width: chosen.width, height: chosen.height },
    guess: {
      what: 'size',
      value: label(chosen.width, chosen.height),
      confidence,
      reason,
      ...others(ranked, chosen.width),
    },
  };
}

interface Choice {
  chosen: Pair | undefined;
  confidence: number;
  reason: string;
}

/**
 * The file's name decides where it says one of the sizes, then the picture, then the usual aspect.
 * @param ranked those that fit the picture best first
 */
function choose(ranked: readonly Pair[], name: string): Choice {
  const [best, second] = ranked as [Pair, Pair?];
  if (!second) return { chosen: best, confidence: 0.95, reason: 'No other size fits.' };
  const decisive =
    best.difference < DECISIVE_DIFFERENCE && best.difference < second.difference * DECISIVE_RATIO;
  const widthFirst = ranked.find((pair) => isNamed(pair, name));
  const heightFirst = ranked.find(({ width, height }) => isNamed({ width: height, height: width }, name));
  const named = decisive && heightFirst === best ? best : (widthFirst ?? heightFirst);
  if (named === best || (named && !decisive)) {
    return { chosen: named, confidence: decisive ? 0.97 : 0.85, reason: 'The name of the file says it.' };
  }
  if (named) {
    const reason = `The name of the file says it, but neighbouring rows fit together better at ${label(best.width, best.height)}.`;
    return { chosen: named, confidence: 0.6, reason };
  }
  if (decisive) {
    return {
      chosen: best,
      confidence: 0.95,
      reason: 'With this width, neighbouring rows fit together best.',
    };
  }
  const square = ranked.find(({ width, height }) => width === height);
  return { chosen: square, confidence: 0.6, reason: 'The file does not say; square is the usual size.' };
}

/** Whether a name says a size in pixels: `512x768`, or `512` alone for a square. */
function isNamed({ width, height }: Pick<Pair, 'width' | 'height'>, name: string): boolean {
  const [columns, rows] = [width * STRIDE, height * STRIDE];
  const pair = new RegExp(`(?<!\\d)0*${columns}\\s?[x×]\\s?0*${rows}(?!\\d)`, 'i');
  if (pair.test(name)) return true;
  return width === height && new RegExp(`(?<![\\dx×.])${columns}(?!\\d|[x×]\\d|\\.\\d)`, 'i').test(name);
}

/** Every width and height in latent positions, near-square first, landscape before portrait. */
function listPairs(tokens: number): Pair[] {
  const pairs: Pair[] = [];
  for (let small = Math.max(1, Math.ceil(Math.sqrt(tokens / MAX_ASPECT))); small * small <= tokens; small++) {
    if (tokens % small !== 0) continue;
    const large = tokens / small;
    pairs.push({ width: large * 2, height: small * 2, difference: 1 });
    if (large !== small) pairs.push({ width: small * 2, height: large * 2, difference: 1 });
  }
  return pairs.toSorted((a, b) => aspect(a) - aspect(b));
}

/** The sort is stable: pairs that the picture cannot tell apart keep their order. */
function rank(pairs: Pair[], data: Float32Array, { tokens, channels }: Reading): Pair[] {
  const stride = channels * 4;
  const unrelated = 2 * variance(data.subarray(0, Math.min(tokens, MAX_TOKENS) * stride), stride);
  if (!(unrelated > 0)) return pairs;
  const measured = pairs.map((pair) => ({
    ...pair,
    difference: meanDifference(data, tokens, stride, pair.width / 2) / unrelated,
  }));
  return measured.toSorted((a, b) => a.difference - b.difference);
}

/** A usual aspect counts as much as a faint likeness, for pictures that decide nothing. */
function orderUndecided(pairs: Pair[]): Pair[] {
  const cost = (pair: Pair) => pair.difference + ASPECT_COST * Math.log2(aspect(pair));
  return pairs.toSorted((a, b) => cost(a) - cost(b));
}

/** Mean over channels of the variance over tokens. */
function variance(data: Float32Array, stride: number): number {
  const tokens = data.length / stride;
  let sum = 0;
  for (let c = 0; c < stride; c++) {
    let mean = 0;
    let square = 0;
    for (let at = c; at < data.length; at += stride) {
      mean += data[at]!;
      square += data[at]! ** 2;
    }
    sum += square / tokens - (mean / tokens) ** 2;
  }
  return sum / stride;
}

/** Mean squared difference of tokens `lag` apart. */
function meanDifference(data: Float32Array, tokens: number, stride: number, lag: number): number {
  const step = Math.max(1, Math.floor((tokens - lag) / MAX_TOKENS));
  let sum = 0;
  let count = 0;
  for (let token = 0; token + lag < tokens; token += step) {
    for (let c = 0; c < stride; c++)
      sum += (data[token * stride + c]! - data[(token + lag) * stride + c]!) ** 2;
    count += stride;
  }
  return count > 0 ? sum / count : Number.POSITIVE_INFINITY;
}

function fromHints(tokens: number, hints: ReadHints): { width: number; height: number } {
  const width = hints.width ?? (tokens * 4) / hints.height!;
  const height = hints.height ?? (tokens * 4) / hints.width!;
  const fits = [width, height].every((side) => Number.isSafeInteger(side) && side > 0 && side % 2 === 0);
  if (fits && width * height === tokens * 4) return { width, height };
  const [side, value] = hints.width === undefined ? ['height', height] : ['width', width];
  const asked =
    hints.width === undefined || hints.height === undefined ? `the ${side} ${value}` : label(width, height);
  throw new LeapError('bad-option', `A latent of ${asked} does not have ${tokens} tokens of 2x2.`, {
    tokens,
    candidates: listPairs(tokens).slice(0, MAX_CANDIDATES).map(toCandidate),
  });
}

function others(pairs: Pair[], width: number): { alternatives: string[]; choices: Candidate[] } {
  const choices = pairs
    .filter((pair) => pair.width !== width)
    .slice(0, MAX_CANDIDATES)
    .map(toCandidate);
  return { alternatives: choices.map((choice) => choice.label), choices };
}

function toCandidate({ width, height }: Pair): Candidate {
  return { label: label(width, height), hints: { width, height } };
}

function label(width: number, height: number): string {
  return `${width} × ${height} (${width * STRIDE} × ${height * STRIDE} px)`;
}

function aspect({ width, height }: Pair): number {
  return Math.max(width, height) / Math.min(width, height);
}
