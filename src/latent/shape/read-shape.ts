import { LeapError } from '../../errors';
import { FAMILIES, familiesWith } from '../families';
import type { FamilyId, Layout } from '../types';
import type { Reading } from './unpack';

/** Largest side: at stride 8 it is a picture of 16384 pixels, the largest canvas of a browser. */
const MAX_SIDE = 2048;
/** A picture of 16 pixels; below it neither padding by reflection nor statistics mean anything. */
const MIN_SIDE = 2;
/** Values of all items together: 128 MB as float32. One 16-channel latent of an 8192-pixel picture is half of it. */
const MAX_VALUES = 2 ** 25;
/** An unpacked latent more slender than this is rather a row of packed tokens. */
const MAX_ASPECT = 8;

const UNPACKED_CHANNELS = new Set(Object.values(FAMILIES).map(({ channels }) => channels));
/** File channels of 2x2 patches -> channels. Only the FLUX families pack. */
const PATCH_CHANNELS = new Map([
  [FAMILIES.flux1.channels * 4, FAMILIES.flux1.channels],
  [FAMILIES.flux2.channels * 4, FAMILIES.flux2.channels],
]);

/**
 * What a shape can mean, the likeliest first. Never empty.
 *
 * Video tensors [B,C,T,H,W] and [C,T,H,W] are read when T = 1. A packed reading has no height and width yet.
 *
 * @param wanted what the caller or the writer is sure of; `unlikely` also lets readings through that a channels-last
 * tensor would give by chance, as a family or layout does
 * @throws LeapError `not-a-latent`, `too-large`, `unsupported` (T > 1)
 */
export function readShape(
  shape: readonly number[],
  wanted: { family?: FamilyId | undefined; layout?: Layout | undefined; unlikely?: boolean } = {},
): Reading[] {
  if (shape.includes(0)) throw notALatent('is empty', shape);
  const sure = wanted.unlikely || wanted.family !== undefined || wanted.layout !== undefined;
  const all = dropTime(shape, listReadings(shape, sure));
  const layouts = all.filter(({ layout }) => !wanted.layout || layout === wanted.layout);
  const readings = layouts.filter(
    (one) => !wanted.family || FAMILIES[wanted.family].channels === one.channels,
  );
  if (readings.length > 0) {
    checkSizes(readings[0]!, shape);
    return readings;
  }
  if (layouts.length > 0 && wanted.family) {
    const { label, channels } = FAMILIES[wanted.family];
    throw notALatent(`has ${layouts[0]!.channels} channels, ${label} has ${channels}`, shape);
  }
  if (all.length > 0) throw notALatent(`cannot be ${wanted.layout}`, shape);
  throw notALatent(
    `is none of [B,C,H,W], [C,H,W] with 4 channels (SD, SDXL), 16 (SD3, FLUX.1), 32 or 128 (FLUX.2), nor packed [B,N,64] or [B,N,128]${hintAtOrder(shape)}`,
    shape,
  );
}

/** What to do about a shape that has a latent's channels in the end, for an error's message; else nothing. */
export function hintAtOrder(shape: readonly number[]): string {
  const channels = shape.at(-1);
  if (shape.length < 3 || channels === undefined || !UNPACKED_CHANNELS.has(channels)) return '';
  return `; it looks channels-last: move the axis of ${channels} before height and width`;
}

/** Sides of the reading once they are known. @throws LeapError `not-a-latent`, `too-large` */
export function checkSides(
  { height, width }: Pick<Reading, 'height' | 'width'>,
  shape: readonly number[],
): void {
  if (Math.max(height, width) > MAX_SIDE) {
    throw new LeapError('too-large', `The latent is ${width} x ${height}; no side may exceed ${MAX_SIDE}.`, {
      shape: [...shape],
      limit: MAX_SIDE,
    });
  }
  if (Math.min(height, width) < MIN_SIDE)
    throw notALatent(`is only ${width} x ${height} positions large`, shape);
}

interface Timed extends Reading {
  /** Frames; 1 for pictures. */
  frames: number;
}

/** @param sure whether somebody has said what it is: then nothing is left out for being unlikely */
function listReadings(shape: readonly number[], sure: boolean): Timed[] {
  const readings: Timed[] = [];
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = shape;
  const add = (items: number, channels: number, height: number, width: number, frames = 1) => {
    if (!sure && looksChannelsLast(channels, height, width)) return;
    if (UNPACKED_CHANNELS.has(channels)) {
      readings.push({ layout: 'unpacked', items, channels, height, width, tokens: 0, frames });
    }
    // FLUX.1 is never patchified: 64 channels in this order come from no writer.
    if (channels === FAMILIES.flux2.channels * 4) {
      const unpacked = FAMILIES.flux2.channels;
      readings.push({
        ...{
          layout: 'patchified',
          items,
          channels: unpacked,
          height: height * 2,
          width: width * 2,
          tokens: 0,
          frames,
        },
      });
    }
  };
  const addPacked = (items: number, tokens: number, patchChannels: number) => {
    const channels = PATCH_CHANNELS.get(patchChannels);
    if (channels)
      readings.push({ layout: 'packed', items, channels, height: 0, width: 0, tokens, frames: 1 });
  };
  switch (shape.length) {
    case 2:
      addPacked(1, a, b);
      break;
    case 3: {
      const slender = Math.max(b, c) > MAX_ASPECT * Math.min(b, c);
      if (slender) addPacked(a, b, c);
      add(1, a, b, c);
      if (!slender) addPacked(a, b, c);
      break;
    }
    case 4:
      add(a, b, c, d);
      // [C,T,H,W], as musubi-tuner writes it; T > 1 there looks like a batch and is told by the writer only.
      if (b === 1) add(1, a, c, d);
      break;
    case 5:
      add(a, b, d, e, c);
      break;
  }
  return readings;
}

/** [H,W,C] of a picture whose height is by chance a channel count of FLUX.2, and which would be a sliver of it. */
function looksChannelsLast(channels: number, height: number, width: number): boolean {
  const { flux2, sd15, flux1 } = FAMILIES;
  const tall = height >= MAX_ASPECT * width && height >= channels;
  return tall && channels >= flux2.channels && [sd15.channels, flux1.channels].includes(width);
}

/** @throws LeapError `unsupported` when every reading is a video */
function dropTime(shape: readonly number[], readings: Timed[]): Reading[] {
  const pictures = readings.filter(({ frames }) => frames === 1);
  if (pictures.length === 0 && readings.length > 0) {
    const { frames } = readings[0]!;
    throw new LeapError(
      'unsupported',
      `This is a video latent of ${frames} frames; expected a single picture. Save one frame [B,C,1,H,W] or [B,C,H,W].`,
      { shape: [...shape], frames },
    );
  }
  return pictures.map(({ frames: _, ...reading }) => reading);
}

function checkSizes(reading: Reading, shape: readonly number[]): void {
  const values = shape.reduce((product, size) => product * size, 1);
  if (reading.layout !== 'packed') checkSides(reading, shape);
  if (values > MAX_VALUES) {
    throw new LeapError('too-large', `The tensor has ${values} values; the limit is ${MAX_VALUES}.`, {
      shape: [...shape],
      limit: MAX_VALUES,
    });
  }
}

/** Families that a reading leaves open; the packed ones are FLUX.1's and FLUX.2's alone. */
export function familiesOf(reading: Reading): FamilyId[] {
  if (reading.layout === 'unpacked') return familiesWith(reading.channels);
  return [reading.channels === FAMILIES.flux2.channels ? 'flux2' : 'flux1'];
}

function notALatent(what: string, shape: readonly number[]): LeapError {
  return new LeapError('not-a-latent', `The tensor of shape [${shape.join(', ')}] ${what}.`, {
    shape: [...shape],
  });
}
