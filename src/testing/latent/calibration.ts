import { readFileSync } from 'node:fs';
import { readTensorFile, toFloat32 } from '../../formats';
import { FAMILIES, FAMILY_IDS, familiesWith } from '../../latent/families';
import wan from '../../latent/fitted/wan-channels.json' with { type: 'json' };
import { FLUX2_BATCH_NORM } from '../../latent/flux2-batch-norm';
import { decide } from '../../latent/recognise/decide';
import { hasStatistics, type Moments } from '../../latent/recognise/statistics';
import type { FamilyId, Guess } from '../../latent/types';
import { type ChannelMoments, gain, mapChannels, normalise, rotate } from './channel-moments';

/** What training/recognition/make_calibration.py kept of photographs of which the fit has seen none. */
const FIXTURE = new URL('../../latent/recognise/__fixtures__/calibration.safetensors', import.meta.url);
const DISTORTIONS = [
  { scale: 1, noise: 0 },
  { scale: 0.85, noise: 0.15 },
  { scale: 1.2, noise: 0.3 },
];

/** decoder = model * scale + shift, per channel. */
interface Affine {
  scale: readonly number[];
  shift: readonly number[];
}

/**
 * Families that are not read, and of which no encoder is at hand: the channels of one that is read, rotated and
 * normalised, with their own way to decoder space. Wan's is the one that the readers know; the others' are in ComfyUI
 * `comfy/latent_formats.py` and the VAE configurations that diffusers publishes.
 */
const STAND_INS: Readonly<Record<string, { source: FamilyId; decoder: Affine }>> = {
  wan: { source: 'flux1', decoder: { scale: wan.deviation, shift: wan.mean } },
  hunyuan: { source: 'flux1', decoder: uniform(16, 1 / 0.476986) },
  cogvideo: { source: 'flux1', decoder: uniform(16, 1 / 1.15258426) },
  sana: { source: 'flux2', decoder: uniform(32, 1 / 0.41407) },
  hunyuan15: { source: 'flux2', decoder: uniform(32, 1 / 1.03682) },
  cascade: { source: 'sdxl', decoder: uniform(4, 0.43) },
};
/** Its VAE is built like SDXL's and has statistics of its own: model = (decoder - mean) * 0.5 / deviation. */
const PLAYGROUND: Affine = {
  scale: [8.4927, 5.9022, 6.5498, 5.2299].map((deviation) => deviation / 0.5),
  shift: [-1.6574, 1.886, -1.383, 2.5155],
};

/** A guess, and whether it is right. */
export interface Judged {
  confidence: number;
  right: boolean;
}

/** What is guessed about made latents: families and spaces of those that are read, and the families of each stand-in. */
export interface Calibration {
  family: Judged[];
  space: Judged[];
  standIns: Record<string, Judged[]>;
}

/** Guesses about made latents of whose origin nothing but the values tells. */
export function measureCalibration(): Calibration {
  const photographs = readPhotographs();
  const found: Calibration = { family: [], space: [], standIns: {} };
  for (const family of FAMILY_IDS.filter(hasStatistics)) {
    for (const { space, moments } of distortAll(photographs[family], decoderOf(family))) {
      found.family.push(judge(moments, 'family', family));
      found.space.push(judge(moments, 'space', space));
    }
  }
  for (const [name, { pictures, decoder }] of Object.entries(makeStandIns(photographs)))
    found.standIns[name] = distortAll(pictures, decoder).map(({ moments }) => judge(moments, 'family', name));
  return found;
}

function judge(moments: Moments, what: Guess['what'], truth: string): Judged {
  const { guesses } = decide(familiesWith(moments.channels), {}, moments, 'unpacked', {});
  const { confidence, value } = guesses.find((guess) => guess.what === what)!;
  return { confidence, right: value === truth };
}

function readPhotographs(): Record<FamilyId, ChannelMoments[]> {
  const { tensors } = readTensorFile(new Uint8Array(readFileSync(FIXTURE)));
  const rowsOf = (name: string): Float32Array[] => {
    const tensor = tensors.find((one) => one.name === name)!;
    const [rows = 0, columns = 0] = tensor.shape;
    const values = toFloat32(tensor);
    return Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns));
  };
  const entries = FAMILY_IDS.filter(hasStatistics).map((family) => {
    const lower = rowsOf(`${family}_second`);
    const pictures = rowsOf(`${family}_mean`).map((mean, at) => ({
      mean: [...mean],
      second: mirror(lower[at]!, mean.length),
    }));
    return [family, pictures] as const;
  });
  return Object.fromEntries(entries) as Record<FamilyId, ChannelMoments[]>;
}

function mirror(lower: Float32Array, channels: number): number[][] {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: channels }, (__, d) => {
      const [row, column] = [Math.max(c, d), Math.min(c, d)];
      return lower[(row * (row + 1)) / 2 + column]!;
    }),
  );
}

function makeStandIns(
  photographs: Record<FamilyId, ChannelMoments[]>,
): Record<string, { pictures: ChannelMoments[]; decoder: Affine }> {
  const rotated = Object.entries(STAND_INS).map(([name, { source, decoder }]) => {
    const pictures = photographs[source];
    // Another rotation for each picture: one could be lucky.
    const all = pictures.map((_, at) => normalise(pictures.map((one) => rotate(one, at + 1)))[at]!);
    return [name, { pictures: all, decoder }] as const;
  });
  const { scale } = FAMILIES.sdxl;
  const playground = photographs.sdxl.map((picture) =>
    mapChannels(
      picture,
      PLAYGROUND.scale.map((one) => 1 / scale / one),
      PLAYGROUND.shift.map((shift, c) => -shift / PLAYGROUND.scale[c]!),
    ),
  );
  return { ...Object.fromEntries(rotated), playground: { pictures: playground, decoder: PLAYGROUND } };
}

function distortAll(
  pictures: readonly ChannelMoments[],
  { scale, shift }: Affine,
): { space: 'model' | 'decoder'; moments: Moments }[] {
  return DISTORTIONS.flatMap((distortion) =>
    pictures.flatMap((picture) => {
      const model = gain(picture, distortion.scale, distortion.noise);
      const decoder = mapChannels(model, scale, shift);
      return [
        { space: 'model' as const, moments: toMoments(model) },
        { space: 'decoder' as const, moments: toMoments(decoder) },
      ];
    }),
  );
}

function toMoments({ mean, second }: ChannelMoments): Moments {
  const channels = mean.length;
  const average = mean.reduce((sum, value) => sum + value / channels, 0);
  const power = second.reduce((sum, row, c) => sum + row[c]! / channels, 0);
  return {
    channels,
    mean: Float64Array.from(mean),
    second: Float64Array.from(second.flat()),
    std: Math.sqrt(Math.max(0, power - average ** 2)),
  };
}

function decoderOf(family: FamilyId): Affine {
  const { channels, scale, shift } = FAMILIES[family];
  if (family !== 'flux2') return uniform(channels, 1 / scale, shift);
  // Files hold unpacked latents: the four positions of a patch have nearly the same statistics.
  const average = (values: readonly number[]) =>
    Array.from({ length: channels }, (_, c) =>
      values.slice(c * 4, c * 4 + 4).reduce((sum, value) => sum + value / 4, 0),
    );
  const { mean, variance } = FLUX2_BATCH_NORM;
  return { scale: average(variance).map(Math.sqrt), shift: average(mean) };
}

function uniform(channels: number, scale: number, shift = 0): Affine {
  return { scale: new Array(channels).fill(scale), shift: new Array(channels).fill(shift) };
}
