import { readdirSync, readFileSync } from 'node:fs';
import { checkFile } from './check-file';
import { grow } from './grow';
import { mutate } from './mutate';
import { Random } from './random';
import { rebuild } from './rebuild';
import { addOutcome, type FuzzReport, newReport, seedOf } from './report';

const ROOT = new URL('../../', import.meta.url);
const FOLDERS = ['src/formats/__fixtures__/', 'src/latent/__fixtures__/', 'public/samples/'];
/** Larger files are left out: they have the same structure, and small files are mutated more thoroughly. */
const MAX_BYTES = 70_000;
/** One file in so many is grown from nothing. */
const GROWN_SHARE = 16;
/** Every committed file that a reader takes, all containers. */
function loadCorpus(): { name: string; bytes: Uint8Array }[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(json|png|webp)$/.test(entry.name))
      .map(({ name }) => ({ name, bytes: new Uint8Array(readFileSync(new URL(folder + name, ROOT))) })),
  );
  return files.filter(({ bytes }) => bytes.length <= MAX_BYTES);
}

/** File `number` of a seed. Each has a generator of its own, so that any of them can be made alone. */
function makeFile(
  corpus: ReturnType<typeof loadCorpus>,
  seed: number,
  number: number,
): { source: string; bytes: Uint8Array } {
  const random = new Random(seedOf(seed, number));
  if (random.below(GROWN_SHARE) === 0) return grow(random);
  const [base, other] = [random.pick(corpus), random.pick(corpus)];
  const change = random.below(2) === 0 ? mutate : rebuild;
  return { source: base.name, bytes: change(base.bytes, other.bytes, random) };
}

/** Checks files `from` to `from + count` of a seed. */
export function runFuzz(seed: number, count: number, from = 0): FuzzReport {
  const corpus = loadCorpus();
  const report = newReport(count);
  for (let number = from; number < from + count; number++) {
    const { source, bytes } = makeFile(corpus, seed, number);
    addOutcome(report, { number, source, ...checkFile(bytes) });
  }
  return report;
}
