import { asHost, HostGrids } from '../../engine/device/host/host-grids';
import { openNodeRuntime } from '../../engine/device/node/open-node-runtime';
import type { Device, Grid, Rect, Runtime, Session } from '../../engine/device/runtime';
import type { Backend } from '../../engine/types';
import { LeapError } from '../../errors';

/** What goes wrong on a device; everything else works, on the processor. */
export interface Fault {
  /** Changes every output; `width` is the tile's input width. Leaves the self-check alone, unless `fromTheStart`. */
  spoil?: (output: Float32Array, width: number) => void;
  /** Also spoils the self-check. */
  fromTheStart?: boolean;
  /** Throws this on the run with that number, counted from 1 after the self-check. */
  failAt?: { run: number; error: LeapError };
  /** Memory runs out while the pixels of this tile (from 1) are read back: they are blank, and an error follows. */
  blankReadback?: number;
  /** The same for the array with this number, not counting the self-check's. */
  blankArray?: number;
  /** The same for the statistics of channels. */
  blankMoments?: number;
  /** The output of the run with this number is blank, and an error follows. */
  blankRun?: number;
  /** The array for the pixels of this tile (counted from 1) cannot be allocated. */
  noArray?: number;
  /** Sessions for wider tiles do not fit into memory. */
  widestTile?: number;
  fp16?: boolean;
  /** The processor stands in for the GPU. */
  software?: boolean;
  /** The device cannot be opened at all. */
  missing?: boolean;
}

export interface TestRuntime extends Runtime {
  /** Backends of the devices opened so far. */
  opened: Backend[];
  /** Runs on all devices together, self-checks not counted. */
  runs: number;
}

/**
 * A runtime whose devices fail as described.
 * @param faults what goes wrong on the first, second, ... device that is opened; devices beyond the list work
 */
export function faultyRuntime(backends: Backend[], faults: Fault[]): TestRuntime {
  const node = openNodeRuntime({ threads: 1 });
  const runtime: TestRuntime = {
    backends,
    opened: [],
    runs: 0,
    async openDevice(backend) {
      const fault = faults[runtime.opened.length] ?? {};
      runtime.opened.push(backend);
      if (fault.missing) throw new LeapError('no-backend', 'There is no adapter.');
      return spoilDevice(await node.openDevice('cpu'), backend, fault, runtime);
    },
  };
  return runtime;
}

function spoilDevice(device: Device, backend: Backend, fault: Fault, runtime: TestRuntime): Device {
  let runs = 0;
  const readback = new FaultyReadback(fault);
  return {
    ...device,
    grids: readback,
    checkHealth: () => readback.check(),
    backend,
    adapter: `test ${backend}`,
    fp16: fault.fp16 ?? true,
    software: fault.software ?? false,
    async createSession(graph, weights) {
      const checking = weights.size === 0 && graph.output.shape[1] === 6;
      const width = graph.input.shape[3];
      if (!checking && width > (fault.widestTile ?? Number.POSITIVE_INFINITY)) {
        throw new LeapError('out-of-memory', `No room for a tile of ${width}.`);
      }
      const session = await device.createSession(graph, weights);
      if (checking && !fault.fromTheStart) return session;
      return spoilSession(
        session,
        () => {
          if (checking) return;
          readback.check();
          runs++;
          runtime.runs++;
          if (fault.failAt?.run === runs) throw fault.failAt.error;
        },
        (output) => {
          fault.spoil?.(asHost(output).data, width);
          if (checking || runs !== fault.blankRun) return;
          asHost(output).data.fill(0);
          readback.fail();
        },
      );
    },
  };
}

class FaultyReadback extends HostGrids {
  readonly #fault: Fault;
  #tiles = 0;
  /** The self-check reads one, the first. */
  #arrays = -1;
  #moments = 0;
  #failed = false;

  constructor(fault: Fault) {
    super();
    this.#fault = fault;
  }

  check(): void {
    if (this.#failed) throw new LeapError('out-of-memory', 'The GPU reported: no room.', { runtime: true });
  }

  fail(): void {
    this.#failed = true;
  }

  override async toArray(grid: Grid) {
    const array = await super.toArray(grid);
    if (++this.#arrays !== this.#fault.blankArray) return array;
    this.fail();
    return new Float32Array(array.length);
  }

  override async moments(tile: Grid, rect: Rect) {
    const moments = await super.moments(tile, rect);
    if (++this.#moments !== this.#fault.blankMoments) return moments;
    this.fail();
    return { ...moments, mean: moments.mean.fill(0), squares: moments.squares.fill(0) };
  }

  override async toRgba(tile: Grid, rect: Rect) {
    const read = await super.toRgba(tile, rect);
    this.#tiles++;
    if (this.#tiles === this.#fault.noArray) throw new RangeError('Array buffer allocation failed');
    if (this.#tiles !== this.#fault.blankReadback) return read;
    this.fail();
    return { ...read, rgba: read.rgba.fill(0) };
  }
}

function spoilSession(session: Session, before: () => void, after: (output: Grid) => void): Session {
  return {
    ...session,
    async run() {
      before();
      const output = await session.run();
      after(output);
      return output;
    },
  };
}
