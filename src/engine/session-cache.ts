import type { Precision } from '../graph/types';
import type { Network } from './networks';
import type { Device, Session } from './runtime';

/** An upscaler, a decoder, and the other shapes of either at a picture's edge. */
const MAX_SESSIONS = 4;

/** Sessions by network and tile shape; the one unused for longest goes first. */
export class SessionCache {
  readonly #device: Device;
  readonly #precision: Precision;
  /** In the order of use: a Map keeps the order of insertion. */
  readonly #sessions = new Map<string, Session>();
  /** Milliseconds spent on making sessions so far. */
  msPreparing = 0;

  constructor(device: Device, precision: Precision) {
    this.#device = device;
    this.#precision = precision;
  }

  /** The session for tiles of [height, width] input positions, made if need be. */
  async get(network: Network, height: number, width: number): Promise<Session> {
    const key = `${network.key} ${height}x${width}`;
    let session = this.#sessions.get(key);
    this.#sessions.delete(key);
    if (!session) {
      while (this.#sessions.size >= MAX_SESSIONS) await this.#releaseOldest();
      const start = performance.now();
      const graph = network.build(height, width, this.#precision);
      session = await this.#device.createSession(graph, network.weights);
      this.msPreparing += performance.now() - start;
    }
    this.#sessions.set(key, session);
    return session;
  }

  async releaseAll(): Promise<void> {
    while (this.#sessions.size > 0) await this.#releaseOldest();
  }

  async #releaseOldest(): Promise<void> {
    const [key, session] = this.#sessions.entries().next().value!;
    this.#sessions.delete(key);
    await session.release();
  }
}
