import { type ErrorDetail, LeapError } from '../../errors';
import { FAMILIES, FAMILY_IDS, familiesWith } from '../families';
import { FOREIGN_FAMILIES, foreignWith } from '../recognise/foreign-families';
import type { FamilyId, Layout } from '../types';
import type { Reading } from './unpack';

/** Largest side: at stride 8 it is a picture of 16384 pixels, the largest canvas of a browser. */
const MAX_SIDE = 2048;
/** A picture of 16 pixels; below it neither padding by reflection nor statistics mean anything. */
const MIN_SIDE = 2;
/** Values of all items together: 128 MB as float32. One 16-channel latent of an 8192-pixel picture is half of it. */
const MAX_VALUES = 2 ** 25;
/** An unpacked latent narrower than this is more likely a row of packed tokens. */
const MAX_ASPECT = 8;
/** Sides that are worth advice about the order of axes: a small last axis of anything smaller means nothing. */
const ADVICE_SIDE = 8;

export const OWN_CHANNELS: readonly number[] = [
  ...new Set(Object.values(FAMILIES).map(({ channels }) => channels)),
].sort((a, b) => a - b);

/** File channels of 2x2 patches -> channels, of the families that have that layout. */
function patchChannels(layout: 'packed' | 'patchified'): ReadonlyMap<number, number> {
  const rows = Object.values(FAMILIES).filter(({ patches }) => patches.includes(layout));
  return new Map(rows.map(({ channels }) => [channels * 4, channels]));
}

const PACKED = patchChannels('packed');
const PATCHIFIED = patchChannels('patchified');

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
  const readings = layouts.filter((one) => !wanted.family || familiesOf(one).includes(wanted.family));
  if (readings.length > 0) {
    checkSizes(readings[0]!, shape);
    return readings;
  }
  if (layouts.length > 0 && wanted.family) {
    const { label, channels } = FAMILIES[wanted.family];
    throw notALatent(`has ${layouts[0]!.channels} channels instead of the ${channels} of ${label}`, shape, {
      family: wanted.family,
    });
  }
  if (all.length > 0) throw notALatent(`cannot be ${wanted.layout}`, shape);
  const hint = hintAtOrder(shape);
  throw notALatent(`is not one of a latent: ${describeShapes()}${hint}`, shape, { complete: hint !== '' });
}

/** Whether {@link readShape} would find anything in it, large or small, picture or video. */
export function couldBeLatent(shape: readonly number[]): boolean {
  return !shape.includes(0) && listReadings(shape, true).length > 0;
}

/** Channels of the unpacked latents that a tensor of that shape could hold. */
export function listChannels(shape: readonly number[]): number[] {
  return listReadings(shape, true).map(({ channels }) => channels);
}

/** Those of a video, which no family's pictures have; else 1. */
export function countFrames(shape: readonly number[]): number {
  const frames = listReadings(shape, true).map((reading) => reading.frames);
  return frames.length > 0 ? Math.min(...frames) : 1;
}

/** The shapes that are read, for an error's message. */
export function describeShapes(): string {
  const unpacked = OWN_CHANNELS.map((channels) => `${channels} (${namesOf(familiesWith(channels))})`);
  const packed = [...PACKED.keys()].map((size) => `[B,N,${size}]`);
  return `expected [C,H,W] or [B,C,H,W] with C one of ${unpacked.join(', ')}, or packed ${packed.join(' or ')}`;
}

const namesOf = (ids: readonly FamilyId[]): string => ids.map((id) => FAMILIES[id].name).join(', ');

/**
 * What to do about a shape that is that of a latent but for the order of its axes, for twice the channels, or of a
 * family that is not read here; for an error's message, else nothing.
 */
export function hintAtOrder(shape: readonly number[]): string {
  const axis = shape.at(-3);
  if (axis === OWN_CHANNELS[0]! * 2) {
    return `. ${axis} channels are what an encoder gives, mean and log variance: save the first ${axis / 2}`;
  }
  if (axis === OWN_CHANNELS[0]! * 2 + 1) {
    return `. ${axis} channels are what an inpainting model takes, noisy latent, mask and masked latent: save the latent that it gives`;
  }
  if (listReadings(shape, false).length > 0) return '';
  if (shape.length < 3) return '';
  const foreign = foreignWith((shape.length === 5 ? shape[1] : axis) ?? 0);
  const [first = 0, second = 0, third = 0] = shape.slice(-3);
  const last = isChannelsLast(shape);
  if (foreign.length > 0 && !(last && aspectOf(first, second) < aspectOf(second, third))) {
    const names = foreign.map((id) => FOREIGN_FAMILIES[id].name).join(' or ');
    return `. Latents of ${names} have that many channels; they are not read here`;
  }
  return last ? `. It looks channels-last: move the axis of ${third} before height and width` : '';
}

/** Whether the last axis has the channels of a family, behind the sides of a plausible picture. */
function isChannelsLast(shape: readonly number[]): boolean {
  const [height = 0, width = 0, channels = 0] = shape.slice(-3);
  const plausible = Math.min(height, width) >= ADVICE_SIDE && aspectOf(height, width) <= MAX_ASPECT;
  return (shape.length === 3 || shape.length === 4) && plausible && OWN_CHANNELS.includes(channels);
}

const aspectOf = (height: number, width: number): number => Math.max(height, width) / Math.min(height, width);

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
    throw notALatent(
      `is only ${width} x ${height} positions large, the least is ${MIN_SIDE} x ${MIN_SIDE}`,
      shape,
    );
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
    if (OWN_CHANNELS.includes(channels)) {
      readings.push({ layout: 'unpacked', items, channels, height, width, tokens: 0, frames });
    }
    const unpacked = PATCHIFIED.get(channels);
    if (unpacked !== undefined) {
      const sides = { height: height * 2, width: width * 2 };
      readings.push({ layout: 'patchified', items, channels: unpacked, ...sides, tokens: 0, frames });
    }
  };
  const addPacked = (items: number, tokens: number, size: number) => {
    const channels = PACKED.get(size);
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
      if (b === 1) {
        add(1, a, c, d);
        addPacked(a, c, d);
      }
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
      { shape: [...shape], frames, complete: true },
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

/** Families that a reading leaves open: those of its channels that have its layout. */
export function familiesOf({ channels, layout }: Reading): FamilyId[] {
  if (layout === 'unpacked') return familiesWith(channels);
  return FAMILY_IDS.filter(
    (id) => FAMILIES[id].channels === channels && FAMILIES[id].patches.includes(layout),
  );
}

function notALatent(what: string, shape: readonly number[], more: ErrorDetail = {}): LeapError {
  return new LeapError('not-a-latent', `The tensor of shape [${shape.slice(0, 16).join(', ')}] ${what}.`, {
    shape: [...shape],
    ...more,
  });
}
