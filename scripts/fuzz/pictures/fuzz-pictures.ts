import { readdirSync, readFileSync } from 'node:fs';
import { Random } from '../random';
import { addOutcome, type FuzzReport, newReport, seedOf } from '../report';
import { checkPicture } from './check-picture';
import { mutatePicture } from './mutate-picture';

const FOLDER = new URL('../../../src/picture/__fixtures__/', import.meta.url);

/** A small picture of each kind. */
export function loadPictures(): { name: string; bytes: Uint8Array }[] {
  return readdirSync(FOLDER).map((name) => ({
    name,
    bytes: new Uint8Array(readFileSync(new URL(name, FOLDER))),
  }));
}

/** Picture `number` of a seed. */
export function makePicture(
  corpus: ReturnType<typeof loadPictures>,
  seed: number,
  number: number,
): { source: string; bytes: Uint8Array } {
  const random = new Random(seedOf(seed, number));
  const [base, other] = [random.pick(corpus), random.pick(corpus)];
  return { source: base.name, bytes: mutatePicture(base.bytes, other.bytes, random) };
}

export async function fuzzPictures(seed: number, count: number, from = 0): Promise<FuzzReport> {
  const corpus = loadPictures();
  const report = newReport(count);
  for (let number = from; number < from + count; number++) {
    const { source, bytes } = makePicture(corpus, seed, number);
    addOutcome(report, { number, source, ...(await checkPicture(bytes)) });
  }
  return report;
}
