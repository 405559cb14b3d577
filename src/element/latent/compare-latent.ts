import type {
  FamilyId,
  Latent,
  LatentInput,
  Method,
  Progress,
  ReadHints,
  Report,
  Upscaler,
} from '../../client';
import { isLatent } from '../../client/input/is-latent';
import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { FACTORS_TAKEN, isFactor } from '../../factor';
import type { SideId } from '../sides';

/** How one side's picture is made. */
export interface SideChoice {
  method: Method;
  /** Catalogue ids; by default the embedded models of the family. */
  lua?: string;
  decoder?: string;
}

/** What is compared: something to read, or a latent that has been read. */
export type Subject = LatentInput | Latent;

/** What a comparison is made of, and who hears of it. */
export interface LatentJob {
  subject: Subject;
  /** Name of the file, which says something about its family. */
  name: string | undefined;
  family: FamilyId | undefined;
  scale: number;
  /** What was written for it, if anything was. */
  scaleText: string | null;
  ways: Record<SideId, SideChoice>;
  signal: AbortSignal;
  /** A picture is encoded first. */
  onReading(progress: Progress): void;
  onPreview(picture: ImageBitmap, scaled: { width: number; height: number }): void;
  onProgress(side: SideId, progress: Progress): void;
  onDone(side: SideId, picture: ImageBitmap, report: Report): void;
}

/**
 * Reads a latent and makes both pictures of it, the left one first.
 * @throws LeapError of `Upscaler.read` and `Upscaler.upscale`
 */
export async function compareLatent(upscaler: Upscaler, job: LatentJob): Promise<void> {
  const { subject, name, family, scale, scaleText, signal } = job;
  if (!isFactor(scale)) {
    throw new LeapError(
      'bad-option',
      `The scale must be ${FACTORS_TAKEN}, not ${Number.isNaN(scale) ? `"${scaleText}"` : scale}.`,
    );
  }
  const hints = defined({ name: name || undefined, family });
  const latent = isLatent(subject) ? subject : await readFirst(upscaler, subject, hints, job);
  const preview = await upscaler.preview(latent);
  signal.throwIfAborted();
  // Two pictures are compared without the client's code.
  const { pictureSizeOf } = await import('../../client');
  signal.throwIfAborted();
  job.onPreview(preview, pictureSizeOf(latent, scale));
  for (const side of ['left', 'right'] as const) {
    const result = await upscaler.upscale(latent, {
      ...job.ways[side],
      scale,
      signal,
      onProgress: (progress) => job.onProgress(side, progress),
    });
    signal.throwIfAborted();
    job.onDone(side, result.image, result.report);
  }
}

async function readFirst(
  upscaler: Upscaler,
  subject: LatentInput,
  hints: ReadHints,
  { signal, onReading }: LatentJob,
): Promise<Latent> {
  const [latent] = await upscaler.readAll(
    subject,
    { ...hints, item: 'first' },
    { signal, onProgress: onReading },
  );
  return latent!;
}
