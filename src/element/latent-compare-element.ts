import type { FamilyId, LeapError, Progress, Report, Upscaler } from '../client';
import type { ExportOptions } from './export/export-comparison';
import type { SideChoice, Subject } from './latent/compare-latent';
import type { Mode } from './modes';
import type { ComparedSide, PictureSize, SideId } from './sides';

/** The events of a `<latent-compare>`. */
export interface LatentCompareEventMap {
  /** A person has chosen another mode, moved the divider, or taken or put away the loupe. */
  'compare-change': Event;
  'compare-progress': CustomEvent<{ side: SideId; progress: Progress }>;
  'compare-done': CustomEvent<{ side: SideId; report: Report }>;
  'compare-error': CustomEvent<LeapError>;
}

type EventMap = HTMLElementEventMap & LatentCompareEventMap;

/**
 * What a page may ask of a `<latent-compare>`. `src`, `family`, `scale`, `models`, `mode`, `divider`, `loupe`, `plain` and
 * `subject` are attributes, too.
 */
export interface LatentCompareElement extends HTMLElement {
  /** Address of a latent file. */
  src: string;
  /** A latent, or anything that `Upscaler.read` takes; before {@link src}. */
  latent: Subject | undefined;
  /** The latent's family, where its file does not say it. */
  family: FamilyId | undefined;
  /** How many times the sides grow; 2 by default. */
  scale: number;
  /** Address of the folder with the models; `models/` beside the page by default. */
  models: string;
  /** What makes each side; by default the decoded picture, resized by Lanczos, and the embedded LUA. */
  ways: Record<SideId, SideChoice>;
  /** By default one that all elements of the page share. */
  upscaler: Upscaler | undefined;
  /** The halves, when no latent is shown; by default what is in the slots. */
  left: ComparedSide | undefined;
  right: ComparedSide | undefined;
  /** Size at which both pictures are shown; by default that of the larger one. */
  size: PictureSize | undefined;
  /** What the pictures are of: another value starts fitted, whatever its size. */
  topic: unknown;
  /** Its name, for those who listen instead of looking. */
  subject: string;
  mode: Mode;
  /** Place of the divider, 0..1 of the stage's width. */
  divider: number;
  /** Whether both pictures are magnified around the pointer. */
  loupe: boolean;
  /** Without the bar under the stage. */
  plain: boolean;
  /** Which side flipping shows; undefined while both are seen. */
  readonly frontSide: SideId | undefined;
  /**
   * The comparison as it is seen now, at the pictures' own size, with the labels on it.
   * @throws LeapError `bad-option` without two pictures, `too-large` for what no canvas can hold
   */
  toBlob(options?: ExportOptions): Promise<Blob>;
  /** For keys that were pressed elsewhere. @returns whether the key means something here */
  handleKey(event: KeyboardEvent): boolean;

  addEventListener<K extends keyof EventMap>(
    type: K,
    listener: (this: LatentCompareElement, event: EventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}
