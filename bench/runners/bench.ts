import type { Device, Runtime } from '../../src/engine/device/runtime';
import type { FamilyId } from '../../src/latent/types';
import type { WeightsSource } from '../../src/weights/types';
import { type BenchModels, openBenchModels } from '../cases/bench-models';
import { buildCases, type CasePeers } from '../cases/build-cases';
import type { BenchBackend, Case, CaseId, CaseResult, Workload } from '../types';
import { type Rounds, timeCase } from './time-case';

export interface BenchSetup {
  runtime: Runtime;
  backend: BenchBackend;
  family: FamilyId;
  /** Undefined: networks of the same build with random weights. */
  source: WeightsSource | undefined;
  peers: CasePeers;
}

/** An opened device with the networks to measure on it. It is the same in Node and in a browser's page. */
export class Bench {
  readonly #device: Device;
  readonly #models: BenchModels;
  readonly #peers: CasePeers;

  private constructor(device: Device, models: BenchModels, peers: CasePeers) {
    this.#device = device;
    this.#models = models;
    this.#peers = peers;
  }

  static async open({ runtime, backend, family, source, peers }: BenchSetup): Promise<Bench> {
    return new Bench(await runtime.openDevice(backend), await openBenchModels(source, family), peers);
  }

  get adapter(): string {
    return this.#device.adapter;
  }

  get models(): string {
    return `${this.#models.lua.label}, ${this.#models.decoder.label}`;
  }

  caseIds(work: Workload): CaseId[] {
    return this.#cases(work).map(({ id }) => id);
  }

  measure(work: Workload, id: CaseId, rounds: Rounds): Promise<CaseResult> {
    return timeCase(this.#device, this.#cases(work).find((one) => one.id === id)!, rounds);
  }

  #cases(work: Workload): Case[] {
    return buildCases(this.#models, this.#peers, work);
  }
}
