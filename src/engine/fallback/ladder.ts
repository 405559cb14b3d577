import { defined } from '../../defined';
import { LeapError, toLeapError } from '../../errors';
import type { Precision } from '../../graph/types';
import type { Device, Runtime } from '../device/runtime';
import type { Backend, EngineMemory, Notice } from '../types';
import { Workbench } from '../workbench';

/** One way of computing. */
export interface Rung {
  backend: Backend;
  precision: Precision;
}

export type SelfCheck = (device: Device, precision: Precision) => Promise<void>;

/**
 * The ways of computing, fastest first: fp16 on the GPU, fp32 on the GPU, the processor. The ladder stands on one of
 * them. It steps down when that one turns out to be wrong, and says so each time. It climbs again only when the ways
 * below are not better, or when a job was merely too large for the ways above.
 */
export class Ladder {
  readonly #runtime: Runtime;
  readonly #rungs: Rung[];
  readonly #memory: EngineMemory | undefined;
  readonly #selfCheck: SelfCheck;
  /** A GPU in software is passed over, where nobody asked for WebGPU and there is another backend. */
  readonly #passesSoftware: boolean;
  readonly #onNotice: (notice: Notice) => void;
  #at = 0;
  #workbench: Workbench | undefined;
  #lastFailure: LeapError | undefined;

  constructor(
    runtime: Runtime,
    wanted: { backend: 'auto' | Backend; precision: 'auto' | Precision; memory?: EngineMemory },
    selfCheck: SelfCheck,
    onNotice: (notice: Notice) => void,
  ) {
    this.#runtime = runtime;
    this.#rungs = listRungs(runtime.backends, wanted.backend, wanted.precision);
    this.#memory = wanted.memory;
    this.#selfCheck = selfCheck;
    this.#onNotice = onNotice;
    this.#passesSoftware =
      wanted.backend === 'auto' && this.#rungs.some(({ backend }) => backend !== 'webgpu');
    if (wanted.backend === 'webgpu' && !runtime.backends.includes('webgpu')) {
      this.#say('WebGPU is not available here, so the processor is used.');
    }
  }

  /**
   * The workbench on the current rung, opened and checked if need be; rungs that fail are left behind.
   * @throws LeapError `no-backend` when none is left; `download-failed` when the runtime could not be fetched, which says
   * nothing about any rung; `device-lost` with `detail.spent` when only a fresh runtime helps
   */
  async workbench(): Promise<Workbench> {
    while (!this.#workbench) {
      const rung = this.#rungs[this.#at];
      if (!rung) throw this.#exhausted();
      try {
        this.#workbench = await this.#open(rung);
      } catch (thrown) {
        const error = toLeapError(thrown);
        if (error.detail.spent || error.code === 'download-failed') throw error;
        this.#stepDown(error);
      }
    }
    return this.#workbench;
  }

  /** Closes the device, so that the next {@link workbench} opens a fresh one on the same rung. */
  async renew(): Promise<void> {
    await this.#workbench?.close();
    this.#workbench = undefined;
  }

  /**
   * Leaves the current rung.
   * @param past also leave the rungs below it on the same backend
   * @returns false when there is no lower one; then everything stays as it was
   */
  async demote(reason: LeapError, past: 'rung' | 'backend'): Promise<boolean> {
    const { backend } = this.#rungs[this.#at]!;
    const left = this.#rungs.slice(this.#at + 1);
    if (!left.some((rung) => past === 'rung' || rung.backend !== backend)) return false;
    await this.renew();
    this.#stepDown(reason);
    while (past === 'backend' && this.#rungs[this.#at]!.backend === backend) this.#at++;
    return true;
  }

  /** The rung that it stands on, for {@link backTo}. */
  get position(): number {
    return this.#at;
  }

  /** Climbs back to where a job found it, when the reason for stepping down does not concern the next job. */
  async backTo(position: number, why: string): Promise<void> {
    if (this.#at === position) return;
    await this.renew();
    this.#at = position;
    this.note(`${why}. The next picture uses ${label(this.#rungs[position]!)} again.`);
  }

  /** Says something about the current rung. */
  note(message: string): void {
    this.#onNotice({ code: 'retried', message });
  }

  #stepDown(reason: LeapError): void {
    const from = this.#rungs[this.#at]!;
    this.#at++;
    // A backend that is missing in one precision is missing in the other.
    if (reason.code === 'no-backend') while (this.#rungs[this.#at]?.backend === from.backend) this.#at++;
    const to = this.#rungs[this.#at];
    this.#lastFailure = reason;
    // A missing feature is not a failure: fp16 is tried only where the adapter offers it.
    if (reason.code === 'unsupported' || !to) return;
    const why = reason.message.replace(/\.?\s*$/, '');
    const what = reason.code === 'no-backend' ? why : `${label(from)} did not work here: ${why}`;
    this.#say(`${what}. ${label(to)} is used instead.`);
  }

  async #open({ backend, precision }: Rung): Promise<Workbench> {
    const device = await this.#runtime.openDevice(backend);
    try {
      if (device.software && this.#passesSoftware) {
        // It takes four times as long and more: docs/benchmarks.md, first picture.
        throw new LeapError(
          'no-backend',
          `WebGPU would run on the processor here (${device.adapter}), which is slow`,
        );
      }
      if (precision === 'fp16' && !device.fp16) {
        throw new LeapError('unsupported', 'The adapter has no shader-f16.');
      }
      await this.#selfCheck(device, precision);
      return new Workbench(device, precision, this.#memory);
    } catch (thrown) {
      await device.close();
      throw thrown;
    }
  }

  #say(message: string): void {
    this.#onNotice({ code: 'demoted', message });
  }

  #exhausted(): LeapError {
    const reason = this.#lastFailure;
    const message = reason?.message ?? 'none was offered';
    // Browsers name the directive that allows everything.
    const forbidden = message.includes('unsafe-eval')
      ? " The content security policy needs 'wasm-unsafe-eval' in script-src, and no more."
      : '';
    return new LeapError(
      'no-backend',
      `No backend works here: ${forbidden ? message.replace(/\.?$/, '.') : message}${forbidden}`,
      defined({ reason: reason?.code }),
    );
  }
}

function listRungs(
  offered: readonly Backend[],
  wanted: 'auto' | Backend,
  precision: 'auto' | Precision,
): Rung[] {
  const from = wanted === 'auto' ? 0 : Math.max(0, offered.indexOf(wanted));
  return offered.slice(from).flatMap((backend): Rung[] => {
    const fp16 = backend === 'webgpu' && precision !== 'fp32';
    return fp16
      ? [
          { backend, precision: 'fp16' },
          { backend, precision: 'fp32' },
        ]
      : [{ backend, precision: 'fp32' }];
  });
}

function label({ backend, precision }: Rung): string {
  return backend === 'webgpu'
    ? `WebGPU in ${precision}`
    : backend === 'cpu'
      ? 'The processor'
      : 'WebAssembly';
}
