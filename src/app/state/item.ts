import {
  type Latent,
  type LatentInput,
  type LeapError,
  type ModelPart,
  type Progress,
  pictureSizeOf,
  type ReadHints,
  type Report,
  type Scale,
} from '../../client';
import { type Choice, type Choices, firstChoices, SIDES, type SideId } from './choice';
import type { Reference } from './read/reference';
import type { Forecast } from './run/forecast';

/** A finished picture with what made it. The canvas is a node of the page and can hang in one place at a time. */
export interface Outcome {
  /** The picture; a reduced copy where `png` has the whole of it. */
  canvas: HTMLCanvasElement;
  png: Blob | undefined;
  latent: Latent;
  report: Report;
  /** The reading of the file that it was made from. */
  source: Latent;
  choice: Choice;
}

/** A finished picture as it is kept for a reload. */
export interface KeptResult {
  side: SideId;
  choice: Choice;
  report: Report;
  latent: Latent;
  picture: Blob;
  /** Size of the canvas, in pixels. */
  shown: { width: number; height: number };
  /** The canvas has all pixels of the picture. */
  whole: boolean;
}

/** A choice that came to nothing, at the factor that was chosen then. */
export interface Problem {
  error: LeapError;
  choice: Choice;
  scale: Scale;
}

/** Where one side of the comparison stands for one latent at one scale; `shown`: the picture until there is a new one. */
export type Side =
  | { state: 'idle' }
  | { state: 'waiting'; shown: Outcome | undefined }
  | {
      state: 'running';
      shown: Outcome | undefined;
      forecast: Forecast;
      partial: HTMLCanvasElement | undefined;
    }
  | { state: 'done'; outcome: Outcome; problem: Problem | undefined }
  | { state: 'failed'; problem: Problem };

export type Run = Record<SideId, Side>;

/** One latent of the queue. */
export interface Item {
  readonly id: number;
  name: string;
  input: LatentInput;
  hints: ReadHints;
  /** The reading that is shown, also while the file is read anew. */
  latent: Latent | undefined;
  /** The hints that it was read with. */
  readHints: ReadHints | undefined;
  reading: boolean;
  /** How far a photograph is on its way to a latent. */
  encoding: Progress | undefined;
  /** One pixel per latent position; one copy for each place that shows it. */
  previews: Record<'thumbnail' | SideId, HTMLCanvasElement> | undefined;
  error: LeapError | undefined;
  /** Hints with which the file could not be read, where an earlier reading is still there. */
  failedHints: ReadHints | undefined;
  /** The photograph that it was made from, or a picture that a person has given to compare with. */
  reference: Reference | undefined;
  /** What the file holds, if it is a model and not a latent. */
  checkpoint: readonly ModelPart[] | undefined;
  /** The other latents of its batch have entries of their own. */
  spread: boolean;
  /** What was chosen for it before the page was loaded again. */
  choicesBefore: Choices | undefined;
  /** What was finished of it then. */
  resultsBefore: readonly KeptResult[];
  scale: Scale;
  choices: Choices;
  /** By factor. */
  runs: Map<Scale, Run>;
  /** What was there before a choice that brought another factor with it, until that side has a picture. */
  before: { side: SideId; scale: Scale; choices: Choices } | undefined;
}

let nextId = 1;

/** A new entry of the queue, not yet read. */
export function createItem(name: string, input: LatentInput, hints: ReadHints, scale: Scale): Item {
  return {
    id: nextId++,
    name,
    input,
    hints,
    latent: undefined,
    readHints: undefined,
    reading: true,
    encoding: undefined,
    previews: undefined,
    error: undefined,
    failedHints: undefined,
    reference: undefined,
    checkpoint: undefined,
    spread: false,
    choicesBefore: undefined,
    resultsBefore: [],
    scale,
    choices: firstChoices(),
    runs: new Map(),
    before: undefined,
  };
}

/** The run at the factor that is chosen; idle before anything was asked for. */
export function currentRun({ runs, scale }: Pick<Item, 'runs' | 'scale'>): Run {
  const known = runs.get(scale);
  if (known) return known;
  const run: Run = { left: { state: 'idle' }, right: { state: 'idle' } };
  runs.set(scale, run);
  return run;
}

/** The side's picture at the nearest other factor, if there is one of the file as it is read now. */
export function outcomeAtOtherFactor({ runs, scale, latent }: Item, side: SideId): Outcome | undefined {
  const others = [...runs.keys()]
    .filter((factor) => factor !== scale)
    .sort((a, b) => Math.abs(a - scale) - Math.abs(b - scale));
  for (const factor of others) {
    const outcome = shownOutcome(runs.get(factor)![side]);
    if (outcome && outcome.source === latent) return outcome;
  }
  return undefined;
}

/** A picture file is to be encoded, which the engine does; a latent file only has to be read. */
export function isPicture(item: Item): boolean {
  return item.input instanceof Blob && item.input.type.startsWith('image/');
}

/** What the film strip shows of an item. */
export type ItemState = 'model' | 'reading' | 'waiting' | 'running' | 'done' | 'failed' | 'stopped';

export function itemState(item: Item): ItemState {
  if (item.checkpoint) return 'model';
  if (item.reading) return 'reading';
  if (!item.latent) return item.error?.code === 'cancelled' ? 'stopped' : 'failed';
  const states = SIDES.map((side) => currentRun(item)[side].state);
  if (states.includes('running')) return 'running';
  if (states.includes('waiting')) return 'waiting';
  if (states.includes('failed')) return 'failed';
  return states.every((state) => state === 'done') ? 'done' : 'stopped';
}

/** Whether it runs, waits to run, or is a photograph that is being encoded. */
export function isBusy(item: Item): boolean {
  if (item.reading) return isPicture(item);
  const state = itemState(item);
  return state === 'running' || state === 'waiting';
}

/** Which latent of a batch this is; undefined where the file holds only one, and no number for it. */
export function placeInBatch(item: Item): { number: number; count: number } | undefined {
  const { items = 1, item: index = 0 } = item.latent?.provenance ?? {};
  return items > 1 || index > 0 ? { number: index + 1, count: items } : undefined;
}

/** '2 of 4', or 'number 6' where the file holds only some of a batch. */
export function sayPlace(item: Item): string | undefined {
  const place = placeInBatch(item);
  if (!place) return undefined;
  const { number, count } = place;
  return number <= count ? `${number} of ${count}` : `number ${number}`;
}

/** The finished picture of a side, or the one that is shown until there is another. */
export function shownOutcome(side: Side): Outcome | undefined {
  if (side.state === 'done') return side.outcome;
  return side.state === 'waiting' || side.state === 'running' ? side.shown : undefined;
}

/** The finished picture of a side: not one that is only shown until there is another, which has another name by then. */
export function finishedOutcome(side: Side): Outcome | undefined {
  return side.state === 'done' ? side.outcome : undefined;
}

/** What was chosen last and came to nothing; a finished side shows the picture from before it. */
export function problemOf(side: Side): Problem | undefined {
  return side.state === 'failed' || side.state === 'done' ? side.problem : undefined;
}

/** The picture of a side that can be saved: at another factor where this one was cancelled or failed. */
export function savedOutcome(item: Item, side: SideId): Outcome | undefined {
  const now = currentRun(item)[side];
  const stopped = now.state === 'idle' || now.state === 'failed';
  return stopped ? outcomeAtOtherFactor(item, side) : finishedOutcome(now);
}

/** Pixels of the finished pictures that an item holds. */
export function heldPixels(item: Item): number {
  let pixels = 0;
  for (const run of item.runs.values()) {
    for (const side of Object.values(run)) {
      const outcome = shownOutcome(side);
      if (outcome) pixels += outcome.canvas.width * outcome.canvas.height;
    }
  }
  return pixels;
}

/** Size in pixels of the upscaled picture. */
export function pictureSize(item: Item): { width: number; height: number } | undefined {
  return item.latent && pictureSizeOf(item.latent, item.scale);
}
