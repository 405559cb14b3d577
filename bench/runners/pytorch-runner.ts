import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defined } from '../../src/defined';
import type { BenchOptions } from '../parse-options';
import { totalOf } from '../report/pool-passes';
import { spreadOf } from '../report/spread';
import type { CaseResult, StepName, Workload } from '../types';
import type { Runner } from './runner';
import type { Rounds } from './time-case';

const SCRIPT = fileURLToPath(new URL('./time_torch.py', import.meta.url));

/** What the script prints. */
interface TorchTimes {
  version: string;
  device: string;
  create_ms: number;
  peak_bytes: number;
  samples: Record<StepName, number[]>;
}

/** The same runner with one more case: LUA and the decoder in PyTorch, in a process of its own. */
export async function withPyTorch(runner: Runner, options: BenchOptions): Promise<Runner> {
  const { pytorch } = options;
  if (pytorch === undefined) return runner;
  const { version, device } = await time(options, { family: options.family, size: 8, scale: 2 }, 1, 0);
  return {
    ...runner,
    versions: { ...runner.versions, pytorch: `${version} on ${device}` },
    caseIds: async (work) => [
      ...(await runner.caseIds(work)),
      ...(work.scale === 1 ? [] : (['pytorch'] as const)),
    ],
    measure: (work, id, rounds) =>
      id === 'pytorch' ? measure(options, work, rounds) : runner.measure(work, id, rounds),
  };
}

async function measure(options: BenchOptions, work: Workload, rounds: Rounds): Promise<CaseResult> {
  const id = 'pytorch';
  const label = 'LUA in latent space, then decode, by PyTorch (fp32)';
  try {
    const times = await time(options, work, rounds.rounds, rounds.warmups);
    const names = ['upscale', 'decode'] as const;
    return {
      id,
      label,
      steps: names.map((name) => ({
        name,
        samples: times.samples[name],
        ms: spreadOf(times.samples[name]),
        multiplyAdds: null,
        bytesMoved: null,
      })),
      totalMs: totalOf(names.map((name) => times.samples[name])),
      createMs: times.create_ms,
      peakBytes: times.peak_bytes,
    };
  } catch (thrown) {
    const failed = (thrown as Error).message;
    return { id, label, failed, steps: [], totalMs: null, createMs: 0, peakBytes: null };
  }
}

async function time(
  { pytorch = '', backend, threads }: BenchOptions,
  { family, size, scale }: Omit<Workload, 'precision'>,
  rounds: number,
  warmups: number,
): Promise<TorchTimes> {
  const numbers = defined({ size, scale, rounds, warmups, threads });
  const args = [
    SCRIPT,
    ...['--family', family],
    ...['--device', backend === 'webgpu' ? 'auto' : 'cpu'],
    ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  ];
  // Its threads wait without spinning, as ours do. Spinning makes a busy machine ten times slower.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' };
  const { stdout } = await promisify(execFile)(pytorch, args, { env });
  return JSON.parse(stdout) as TorchTimes;
}
