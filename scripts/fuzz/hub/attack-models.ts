import { LeapError } from '../../../src/errors';
import { writeSafetensors } from '../../../src/formats';
import { digestOf } from '../../../src/testing/digest-of';
import { makeCatalog, TEST_FILES } from '../../../src/testing/weights/small-catalog';
import { openWeights } from '../../../src/weights/index';
import { noteKindOf } from '../../../src/weights/store/store-keys';
import type { CatalogEntry, LoadOptions, ManagedWeights } from '../../../src/weights/types';
import { mutate } from '../mutate';
import { Random } from '../random';
import { addOutcome, type FuzzReport, newReport, seedOf } from '../report';
import { COMMIT, isVersion, KEEP, makeVersion } from './hub-files';
import { inShortTime } from './short-time';
import { answerFile, FAULTS, type Version } from './strange-answers';
import { createStrangeStore, type StrangeStore } from './strange-store';

const HUB = 'https://hub.test';
const CATALOG_URL = `${HUB}/catalog.json`;
/** Operations on one store, after which everything is removed. */
const OPERATIONS = 30;
/** Every so many, faults stop and what is said to be stored is loaded without a network. */
const CHECK_EVERY = 10;
const ABREAST = 16;

/** What is served, by the id of the model. */
const VERSIONS: Readonly<Record<string, Version>> = {
  one: makeVersion(1),
  two: makeVersion(-1),
  twin: makeVersion(1),
};
const REPOS: Readonly<Record<string, string>> = {
  one: 'someone/one',
  two: 'someone/two',
  twin: 'someone/one',
};

/**
 * The model manager under random operations, some at once and some cancelled, while the network and the store fail. The
 * count is that of operations. Right are exact bytes or an error with a code; what is said to be stored is, without a
 * network; what is pinned stays; and when everything is removed, nothing is left.
 */
export async function attackModels(seed: number, count: number, from = 0): Promise<FuzzReport> {
  const report = newReport(count);
  let number = from;
  const work = async () => {
    while (number < from + count) {
      const first = number;
      number += OPERATIONS;
      await attackOnce(
        new Random(seedOf(seed, first)),
        Math.min(OPERATIONS, from + count - first),
        (source, result) => addOutcome(report, { number: first, source, result, milliseconds: 0, bytes: 0 }),
      );
    }
  };
  await inShortTime(() => Promise.all(Array.from({ length: ABREAST }, work)));
  return report;
}

class Attack {
  readonly random: Random;
  readonly store: StrangeStore;
  /** How often a request goes wrong; 1 with `offline`. */
  rate = 0;
  offline = false;
  weights!: ManagedWeights;
  /** Contents of the models that were added, by id. */
  readonly added = new Map<string, Version>();

  constructor(random: Random) {
    this.random = random;
    this.store = createStrangeStore(random, random.pick([60_000, 300_000, 2 ** 30]));
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    init?.signal?.throwIfAborted();
    if (this.offline) throw new TypeError('Failed to fetch');
    const path = new URL(String(input)).pathname;
    const fault = this.random.below(1000) < this.rate * 1000 ? this.random.pick(FAULTS) : 'none';
    if (path === '/catalog.json')
      return Response.json(catalogOf(), fault === 'status' ? { status: 503 } : {});
    if (path.startsWith('/api/')) {
      const id = Object.keys(REPOS).find((one) => path.includes(`/${REPOS[one]}/`));
      const { bytes } = VERSIONS[id!]!;
      const lfs = { sha256: digestOf(bytes), size: bytes.length };
      const known = this.random.below(2) === 0;
      return known
        ? Response.json({
            sha: COMMIT,
            siblings: [{ rfilename: 'model.safetensors', size: bytes.length, lfs }],
          })
        : new Response(null, { status: 404 });
    }
    const id = Object.keys(REPOS).find((one) => path.startsWith(`/${REPOS[one]}/`));
    const whole = TEST_FILES[path.slice(1)];
    if (!id && !whole) return new Response(null, { status: 404 });
    const version = id
      ? VERSIONS[id]!
      : { bytes: whole!, etag: `"${path}"`, modified: 'Fri, 02 Jan 2026 00:00:00 GMT' };
    return answerFile(version, init, fault, this.random);
  };

  async open(): Promise<void> {
    this.weights = await openWeights({
      catalogUrl: CATALOG_URL,
      store: this.store,
      hosts: [HUB],
      fetch: this.fetch,
      onNotice: () => {},
    });
  }

  /** Another faultless moment. */
  async calmly<T>(run: () => Promise<T>): Promise<T> {
    const [rate, storeRate] = [this.rate, this.store.rate];
    [this.rate, this.store.rate] = [0, 0];
    try {
      return await run();
    } finally {
      [this.rate, this.store.rate] = [rate, storeRate];
    }
  }

  isRight(entry: CatalogEntry, files: Map<string, Uint8Array>): boolean {
    if (entry.id in VERSIONS) return isVersion(files.get(entry.files[0]!.path)!, VERSIONS[entry.id]!);
    const added = this.added.get(entry.id);
    if (added) return isVersion(files.get(entry.files[0]!.path)!, added);
    return entry.files.every(({ path }) => Buffer.compare(files.get(path)!, TEST_FILES[path]!) === 0);
  }
}

function catalogOf() {
  const { models } = makeCatalog();
  const upscaler = (id: string): CatalogEntry => ({
    ...models[0]!,
    id,
    architecture: 'sd-latent-upscaler',
    family: 'sdxl',
    space: 'decoder',
    scales: [1.5],
    files: [{ path: `${HUB}/${REPOS[id]}/resolve/main/model.safetensors`, bytes: 0, keep: KEEP }],
    embedded: false,
    graphs: [],
  });
  return { version: 1, models: [...models, ...Object.keys(VERSIONS).map(upscaler)] };
}

async function attackOnce(
  random: Random,
  count: number,
  tell: (source: string, result: string) => void,
): Promise<void> {
  const attack = new Attack(random);
  await attack.open();
  for (let done = 0; done < count; ) {
    attack.rate = random.pick([0, 0.1, 0.5]);
    attack.store.rate = random.pick([0, 0, 0.02, 0.2]);
    const together = Math.min(random.pick([1, 1, 1, 2, 3]), count - done);
    const before = attack.store.failures;
    await Promise.all(
      Array.from({ length: together }, async () => {
        const [name, run] = random.pick(OPERATION_LIST);
        const result = await run(attack).catch((thrown: unknown) =>
          explain(thrown, attack.store.failures > before),
        );
        tell(name, result);
      }),
    );
    if (Math.floor(done / CHECK_EVERY) < Math.floor((done + together) / CHECK_EVERY))
      await check(attack).catch((thrown: unknown) => tell('check', `foreign: ${String(thrown)}`));
    done += together;
  }
  await attack
    .calmly(() => checkEmpty(attack))
    .catch((thrown: unknown) => tell('removal', `foreign: ${String(thrown)}`));
}

/** A store that fails for no reason of its own is the one thing that has no code. */
function explain(thrown: unknown, storeFailed: boolean): string {
  const known = thrown instanceof LeapError && (thrown.code !== 'internal' || storeFailed);
  return known ? thrown.code : `foreign: ${thrown instanceof Error ? thrown.stack : thrown}`;
}

type Operation = (attack: Attack) => Promise<string>;

const OPERATION_LIST: readonly [string, Operation][] = [
  ['fetch', (attack) => attack.weights.fetch(pickId(attack), cancelling(attack)).then(() => 'done')],
  ['pin', (attack) => attack.weights.pin(pickId(attack), true, cancelling(attack)).then(() => 'done')],
  ['unpin', (attack) => attack.weights.pin(pickId(attack), false).then(() => 'done')],
  ['remove', (attack) => attack.weights.remove(pickId(attack)).then(() => 'done')],
  ['load', loadOne],
  ['load', loadOne],
  ['add', addFile],
  ['add', addAddress],
  ['clear', (attack) => attack.weights.clearCache().then(() => 'done')],
  ['status', (attack) => attack.weights.status().then(() => 'done')],
  ['refresh', (attack) => attack.weights.refresh().then(() => 'done')],
  ['visit', (attack) => attack.open().then(() => 'done')],
];

/** An id of the catalogue, of an added model, or of none. */
function pickId({ random, weights }: Attack): string {
  return random.below(20) === 0 ? 'nobody' : random.pick(weights.catalog.models).id;
}

/** One in four is cancelled, before or on the way. */
function cancelling({ random }: Attack): LoadOptions {
  if (random.below(4) > 0) return {};
  const controller = new AbortController();
  const after = random.below(20);
  if (after === 0) controller.abort();
  else setTimeout(() => controller.abort(), after * 100);
  return { signal: controller.signal };
}

async function loadOne(attack: Attack): Promise<string> {
  const entry = attack.random.pick(attack.weights.catalog.models);
  const files = await attack.weights.load(entry, cancelling(attack));
  if (!attack.isRight(entry, files)) throw new Error(`Wrong bytes of ${entry.id}.`);
  return 'done';
}

async function addFile(attack: Attack): Promise<string> {
  const { random } = attack;
  const version = makeVersion(random.pick([0.5, 2]));
  const other = writeSafetensors([
    { name: 'latents', shape: [1, 4, 2, 2], dtype: 'F32', bytes: new Uint8Array(64) },
  ]);
  const kind = random.below(4);
  const bytes = kind === 0 ? mutate(version.bytes, other, random) : kind === 1 ? other : version.bytes;
  const name = random.pick(['mine.safetensors', '../../x', 'ü\u0000', 'a'.repeat(5000)]);
  const wish = { family: random.pick(['sdxl', 'sd15', 'flux1'] as const), scale: random.pick([1.5, 2, 3]) };
  const { id } = await attack.weights.add(new File([new Uint8Array(bytes)], name), wish, cancelling(attack));
  // A mutation may have changed values only: then it is what it is.
  attack.added.set(id, { ...version, bytes });
  return 'added';
}

async function addAddress(attack: Attack): Promise<string> {
  const { random } = attack;
  const address = random.pick([
    `${HUB}/someone/one/resolve/main/model.safetensors`,
    `${HUB}/someone/two/resolve/main/model.safetensors`,
    `${HUB}/someone/none/resolve/main/model.safetensors`,
    'https://elsewhere.test/model.safetensors',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://hub.test/model.safetensors',
  ]);
  const { id } = await attack.weights.add(address, { family: 'sdxl', scale: 1.5 }, cancelling(attack));
  attack.added.set(id, address.includes('/two/') ? VERSIONS.two! : VERSIONS.one!);
  return 'added';
}

/** Faults stop, and so does the network: what is said to be stored must be there, to the byte. */
async function check(attack: Attack): Promise<void> {
  await attack.calmly(async () => {
    await attack.open();
    const listed = await attack.weights.status();
    if (new Set(listed.map(({ id }) => id)).size < listed.length) throw new Error('A model is listed twice.');
    attack.offline = true;
    try {
      for (const { id, complete } of listed) {
        if (!complete) continue;
        const entry = attack.weights.catalog.models.find((one) => one.id === id)!;
        if (entry.id in VERSIONS || attack.added.has(id) || entry.embedded) {
          const files = await attack.weights.load(entry);
          if (!attack.isRight(entry, files)) throw new Error(`Wrong bytes of ${id} from the store.`);
        }
      }
    } finally {
      attack.offline = false;
    }
    const pinned = listed.filter((one) => one.pinned && one.complete).map(({ id }) => id);
    await attack.weights.clearCache();
    const left = await attack.weights.status();
    for (const id of pinned)
      if (!left.find((one) => one.id === id)?.complete) throw new Error(`${id} was pinned, and is gone.`);
  });
}

/** Lets everything go, and removes it. */
async function checkEmpty(attack: Attack): Promise<void> {
  await attack.open();
  for (const { id, custom } of await attack.weights.status()) {
    await attack.weights.pin(id, false);
    if (custom) await attack.weights.remove(id);
  }
  await attack.weights.clearCache();
  const keys = [...(await attack.store.sizes()).keys()].filter((key) => noteKindOf(key) !== 'catalog');
  if (keys.length > 0) throw new Error(`Left in the store: ${keys.slice(0, 5).join(', ')}`);
}
