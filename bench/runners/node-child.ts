import { openModels } from '../../src/cli/models/open-models';
import { defined } from '../../src/defined';
import { openNodeRuntime } from '../../src/engine/device/node/open-node-runtime';
import type { FamilyId } from '../../src/latent/types';
import { readModel } from '../cases/bench-models';
import type { BenchBackend, CaseId, Workload } from '../types';
import { Bench } from './bench';
import type { Rounds } from './time-case';

/** What the child process of the Node runner is opened with. */
export interface ChildSetup {
  backend: BenchBackend;
  family: FamilyId;
  /** public/models/catalog.json is there. */
  embedded: boolean;
  /** Undefined: as many as there are cores. */
  threads: number | undefined;
  span: ReadonlyMap<number, Uint8Array>;
  taesd: Uint8Array | undefined;
}

/** A request to the child; each is answered by one message, in order. */
export type ChildRequest =
  | { kind: 'open'; setup: ChildSetup }
  | { kind: 'list'; work: Workload }
  | { kind: 'measure'; work: Workload; id: CaseId; rounds: Rounds };

export type ChildAnswer = { value: unknown } | { error: string };

let bench: Bench;

process.on('message', async (request: ChildRequest) => {
  try {
    answer({ value: await handle(request) });
  } catch (error) {
    answer({ error: (error as Error).message });
  }
});

function answer(message: ChildAnswer): void {
  process.send!(message);
}

async function handle(request: ChildRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open':
      bench = await open(request.setup);
      return { adapter: bench.adapter, models: bench.models };
    case 'list':
      return bench.caseIds(request.work);
    case 'measure':
      return bench.measure(request.work, request.id, request.rounds);
  }
}

async function open({ backend, family, embedded, threads, span, taesd }: ChildSetup): Promise<Bench> {
  return Bench.open({
    runtime: openNodeRuntime(defined({ webgpu: backend === 'webgpu', threads })),
    backend,
    family,
    source: embedded ? await openModels(undefined, ({ message }) => console.error(message)) : undefined,
    peers: { span, taesd: taesd && readModel('taesd', 'taesd-decoder', taesd), openEsrgan: undefined },
  });
}
