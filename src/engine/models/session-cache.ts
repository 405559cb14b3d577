import type { Precision } from '../../graph/types';
import type { Device, Session } from '../device/runtime';
import type { Network } from '../network';
import { takenBytes } from '../tiles/choose-rule';

/** Room for an upscaler, a decoder, and the other tile shapes that each needs at a picture's edge. */
const MAX_SESSIONS = 4;

/**
 * Sessions by network and tile shape. The least recently used one is released first.
 *
 * A runtime keeps the buffers of a run for the next one, and gives them back only when the last session is released.
 * So all sessions are released when the buffers of all shapes used so far would exceed the budget.
 */
export class SessionCache {
  readonly #device: Device;
  readonly #precision: Precision;
  readonly #budgetBytes: number;
  /** Bytes for the sessions that were made since all were last released. */
  #keptBytes = 0;
  /** In the order of use: a Map keeps the order of insertion. */
  readonly #sessions = new Map<string, Session>();
  /** Bytes of the budget that something else uses for the time being. */
  reservedBytes = 0;
  /** Milliseconds spent on making sessions so far. */
  msPreparing = 0;

  constructor(device: Device, precision: Precision, budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
    this.#device = device;
    this.#precision = precision;
  }

  has(network: Network, height: number, width: number): boolean {
    return this.#sessions.has(`${network.key} ${height}x${width}`);
  }

  /** The session for tiles of [height, width] input positions, made if need be. */
  async get(network: Network, height: number, width: number): Promise<Session> {
    const key = `${network.key} ${height}x${width}`;
    let session = this.#sessions.get(key);
    this.#sessions.delete(key);
    if (!session) {
      const start = performance.now();
      const graph = network.build(height, width, this.#precision);
      const bytes = takenBytes(graph);
      if (this.#keptBytes + bytes > this.#budgetBytes - this.reservedBytes) await this.releaseAll();
      while (this.#sessions.size >= MAX_SESSIONS) await this.#releaseOldest();
      this.#keptBytes += bytes;
      session = await this.#device.createSession(graph, network.weights);
      this.msPreparing += performance.now() - start;
    }
    this.#sessions.set(key, session);
    return session;
  }

  async releaseAll(): Promise<void> {
    while (this.#sessions.size > 0) await this.#releaseOldest();
    this.#keptBytes = 0;
  }

  async #releaseOldest(): Promise<void> {
    const [key, session] = this.#sessions.entries().next().value!;
    this.#sessions.delete(key);
    await session.release();
  }
}
