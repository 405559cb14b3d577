import { openWebRuntime } from '../../src/engine/device/web/open-web-runtime';
import type { FamilyId } from '../../src/latent/types';
import { createMemoryStore, openWeights } from '../../src/weights/index';
import { readModel } from '../cases/bench-models';
import { openEsrgan } from '../cases/esrgan-network';
import type { BenchBackend, CaseId, CaseResult, Workload } from '../types';
import { Bench } from './bench';
import type { Rounds } from './time-case';

/** What the page is asked to measure; its files come from the page's own server. */
export interface PageSetup {
  backend: BenchBackend;
  family: FamilyId;
  /** models/catalog.json is there. */
  embedded: boolean;
  /** Scales for which there is span-<scale>.onnx. */
  spanScales: number[];
  /** There is taesd.weights. */
  taesd: boolean;
  /** There is upscalerjs/. */
  upscalerjs: boolean;
}

/** The page's side of the browser runner. */
interface PageBench {
  open(setup: PageSetup): Promise<{ adapter: string; models: string }>;
  caseIds(work: Workload): CaseId[];
  measure(work: Workload, id: CaseId, rounds: Rounds): Promise<CaseResult>;
}

declare global {
  interface Window {
    bench: PageBench;
  }
}

let bench: Bench;

window.bench = {
  async open({ backend, family, embedded, spanScales, taesd, upscalerjs }) {
    const catalogUrl = new URL('models/catalog.json', location.href).href;
    const span = spanScales.map(
      async (scale): Promise<[number, Uint8Array]> => [scale, await fetchBytes(`span-${scale}.onnx`)],
    );
    bench = await Bench.open({
      runtime: openWebRuntime(),
      backend,
      family,
      source: embedded ? await openWeights({ catalogUrl, store: createMemoryStore() }) : undefined,
      peers: {
        span: new Map(await Promise.all(span)),
        taesd: taesd ? readModel('taesd', 'taesd-decoder', await fetchBytes('taesd.weights')) : undefined,
        openEsrgan: upscalerjs ? (size, scale, edge) => openEsrgan(backend, size, scale, edge) : undefined,
      },
    });
    return { adapter: bench.adapter, models: bench.models };
  },
  caseIds: (work) => bench.caseIds(work),
  measure: (work, id, rounds) => bench.measure(work, id, rounds),
};

async function fetchBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}
