import { type FamilyId, LeapError } from '../../client';

/** One row of `samples/samples.json`, which training/fixtures/make_samples.py writes. */
export interface Sample {
  file: string;
  thumbnail: string;
  name: string;
  alt: string;
  family: FamilyId;
  format: string;
  bytes: number;
  /** [C, H, W] in latent positions. */
  latent: [number, number, number];
  source: string;
  licence: string;
}

const FOLDER = 'samples/';

/** Address of a sample's file, relative to the page. */
export function sampleUrl(file: string): string {
  return new URL(FOLDER + file, document.baseURI).href;
}

export async function listSamples(): Promise<Sample[]> {
  const response = await fetchFile('samples.json');
  return (await response.json()) as Sample[];
}

/** Those that are enlarged soonest first; of about the same size as they were. */
export function quickestFirst(samples: readonly Sample[]): Sample[] {
  const size = ({ latent: [, height, width] }: Sample) => Math.round((height * width) / 1000);
  return samples.toSorted((a, b) => size(a) - size(b));
}

/** The sample as a file, as if it had been dropped. */
export async function fetchSample(file: string): Promise<File> {
  const response = await fetchFile(file);
  return new File([await response.blob()], file);
}

/** @throws LeapError `download-failed` */
async function fetchFile(file: string): Promise<Response> {
  const url = sampleUrl(file);
  const response = await fetch(url).catch((cause: unknown) => {
    throw new LeapError('download-failed', `The sample ${file} could not be fetched.`, { url }, { cause });
  });
  if (!response.ok) {
    throw new LeapError(
      'download-failed',
      `The sample ${file} could not be fetched: HTTP ${response.status}.`,
      { url },
    );
  }
  return response;
}
