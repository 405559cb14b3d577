import { readFileSync } from 'node:fs';
import { LeapError } from '../../../src/errors';
import { digestOf } from '../../../src/testing/digest-of';
import { parseCatalog } from '../../../src/weights/catalog/parse-catalog';
import { fetchHubFile } from '../../../src/weights/download/fetch-hub-file';
import { openWeights } from '../../../src/weights/index';
import { createMemoryStore } from '../../../src/weights/store/memory-store';
import { PartialDownload } from '../../../src/weights/store/partial-download';
import type { WeightsNotice } from '../../../src/weights/types';
import { mutate } from '../mutate';
import { Random } from '../random';
import { addOutcome, type FuzzReport, newReport, seedOf } from '../report';
import { COMMIT, isVersion, KEEP, makeVersion } from './hub-files';
import { inShortTime } from './short-time';
import { answerFile, FAULTS, type Version } from './strange-answers';

const HUB = 'https://hub.test';
const PATH = `${HUB}/someone/upscaler/resolve/main/model.safetensors`;
const CATALOG = new Uint8Array(readFileSync(new URL('../../../public/models/catalog.json', import.meta.url)));
/** More for one file is asking for ever. */
const MOST_REQUESTS = 300;
/** Cases side by side: most of their time is waiting. */
const ABREAST = 32;
/** Milliseconds of silence after which a connection counts as broken. */
const SILENCE = 30_000;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * A hub that answers wrongly: statuses, headers, ranges and bodies of files, JSON of its own and of the catalogue.
 * Right is a file of one version to the byte, or an error with a code, after a number of requests that ends.
 */
export async function fuzzAnswers(seed: number, count: number, from = 0): Promise<FuzzReport> {
  const report = newReport(count);
  const versions = [makeVersion(1), makeVersion(-1)] as const;
  const warn = console.warn;
  console.warn = () => {};
  let number = from;
  const work = async () => {
    while (number < from + count) {
      const own = number++;
      const random = new Random(seedOf(seed, own));
      const [source, run] =
        random.below(4) === 0
          ? (['catalogue', () => openStrangeCatalog(random)] as const)
          : (['file', () => fetchStrangeFile(random, versions)] as const);
      const result = await run().catch(explain);
      addOutcome(report, { number: own, source, result, milliseconds: 0, bytes: 0 });
    }
  };
  try {
    await inShortTime(() => Promise.all(Array.from({ length: ABREAST }, work)));
  } finally {
    console.warn = warn;
  }
  return report;
}

function explain(thrown: unknown): string {
  const known = thrown instanceof LeapError && thrown.code !== 'internal';
  return known ? thrown.code : `foreign: ${thrown instanceof Error ? thrown.stack : thrown}`;
}

async function fetchStrangeFile(random: Random, versions: readonly [Version, Version]): Promise<string> {
  const [first] = versions;
  const rate = random.pick([0, 0.05, 0.2, 0.5, 1]);
  const wrong = () => random.below(1000) < rate * 1000;
  /** The server has another version from this request on. */
  const changes = random.below(3) === 0 ? 1 + random.below(4) : Number.POSITIVE_INFINITY;
  /** Nothing is known of the file beforehand, so that it is fetched in parts, and no hash can be checked. */
  const unknown = random.below(2) === 0;
  // Nothing tells two versions of one size apart that come without any mark.
  const faults = Number.isFinite(changes) ? FAULTS.filter((fault) => fault !== 'bare') : FAULTS;
  let requests = 0;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    if (++requests > MOST_REQUESTS) throw new Error('The hub is asked for ever.');
    init?.signal?.throwIfAborted();
    if (String(input).includes('/api/')) {
      if (unknown) return new Response(null, { status: 404 });
      return describeBranch(first, wrong() ? random : undefined);
    }
    const version = requests > changes ? versions[1] : first;
    return answerFile(version, init, wrong() ? random.pick(faults) : 'none', random);
  };
  const isKnown = !unknown && random.below(2) === 0;
  const known = isKnown ? { bytes: first.bytes.length, sha256: digestOf(first.bytes) } : { bytes: 0 };
  const file = { path: PATH, keep: KEEP, ...known };
  const partial =
    random.below(2) === 0 ? new PartialDownload(createMemoryStore(), digestOf(encode(PATH))) : undefined;
  const { bytes } = await fetchHubFile(PATH, file, { fetch, stallAfter: SILENCE, partial });
  if (!versions.some((version) => isVersion(bytes, version))) throw new Error('Bytes of no version.');
  if (isKnown && !isVersion(bytes, first)) throw new Error('Bytes of another hash.');
  return 'fetched';
}

/** What the hub says of its branch, perhaps mutated. */
function describeBranch({ bytes }: Version, random: Random | undefined): Response {
  const lfs = { sha256: digestOf(bytes), size: bytes.length };
  const answer = { sha: COMMIT, siblings: [{ rfilename: 'model.safetensors', size: bytes.length, lfs }] };
  if (!random) return Response.json(answer);
  switch (random.below(6)) {
    case 0:
      return new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html' } });
    case 1:
      return new Response(null, { status: random.pick([401, 404, 429, 500]) });
    case 2:
      return new Response(new Uint8Array(2 ** 23 + 1).fill(0x20));
    case 3:
      return new Response(`${'['.repeat(100_000)}`);
    case 4:
      return Response.json(
        random.pick([null, 7, [], { sha: {} }, { ...answer, siblings: [null, 1, { rfilename: [] }] }]),
      );
    default:
      return new Response(new Uint8Array(mutate(encode(JSON.stringify(answer)), CATALOG, random)));
  }
}

/** A mutated catalogue, on a first visit or on a later one, when the kept copy must win. */
async function openStrangeCatalog(random: Random): Promise<string> {
  const catalogUrl = `${HUB}/catalog.json`;
  const store = createMemoryStore();
  const notices: WeightsNotice[] = [];
  const open = (body: Uint8Array) =>
    openWeights({
      catalogUrl,
      store,
      fetch: async () => new Response(new Uint8Array(body)),
      onNotice: (notice) => notices.push(notice),
    });
  const kept = random.below(2) === 0;
  if (kept) await open(CATALOG);
  let bytes: Uint8Array = CATALOG;
  for (let change = random.below(4); change >= 0; change--) bytes = mutate(bytes, CATALOG, random);
  const weights = await open(bytes).catch((thrown: unknown) => {
    if (kept) throw new Error(`The kept catalogue was not used: ${thrown}`);
    throw thrown;
  });
  // What was understood can be written and understood again, with nothing left out.
  const again = parseCatalog(JSON.parse(JSON.stringify(weights.catalog)), catalogUrl, (reason) => {
    throw new Error(`A model that was understood is not: ${reason.message}`);
  });
  if (again.models.length !== weights.catalog.models.length) throw new Error('Models were lost.');
  await weights.status();
  return notices.length > 0 ? 'kept copy' : 'catalogue read';
}
