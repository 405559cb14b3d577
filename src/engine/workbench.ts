import type { Precision } from '../graph/types';
import type { Device } from './device/runtime';
import { SessionCache } from './models/session-cache';
import { GraphCosts } from './tiles/graph-costs';
import type { EngineMemory } from './types';

/** An opened device that passed its self-check, the precision to compute in, and the sessions made on it. */
export class Workbench {
  readonly device: Device;
  readonly precision: Precision;
  readonly sessions: SessionCache;
  readonly costs: GraphCosts;
  readonly limits: { tensorBytes: number; budgetBytes: number };

  constructor(device: Device, precision: Precision, { budget, buffer, share = 1 }: EngineMemory = {}) {
    this.device = device;
    this.precision = precision;
    this.costs = new GraphCosts(precision);
    this.limits = {
      tensorBytes: Math.min(device.maxTensorBytes, buffer ?? Number.POSITIVE_INFINITY),
      budgetBytes: (budget ?? device.memoryBytes / 2) * share,
    };
    this.sessions = new SessionCache(device, precision, this.limits.budgetBytes);
  }

  /** Never throws: a lost device cannot be closed properly, and nobody needs it any more. */
  async close(): Promise<void> {
    try {
      await this.sessions.releaseAll();
    } catch {
      // The device is gone, and so is its memory.
    }
    await this.device.close();
  }
}
