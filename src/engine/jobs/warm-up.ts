import { throwIfAborted } from '../../errors';
import { makeProvenance } from '../../latent';
import type { Latent } from '../../latent/types';
import type { Network } from '../network';
import { planTiles, type TilingRule, wholeRule } from '../tiles/plan-tiles';
import type { WayOptions } from '../types';
import type { Workbench } from '../workbench';
import { Job } from './job';
import { planMemory } from './plan-memory';
import type { Way } from './way';

/**
 * Makes the sessions that the first tiles of such a latent need, and runs each of them once on zeros: only then has a
 * GPU compiled its shaders. A network that is run in pieces makes its sessions as it goes.
 *
 * @throws LeapError `cancelled`, `device-lost`, `out-of-memory`
 */
export async function warmUp(
  workbench: Workbench,
  { family, dims }: Pick<Latent, 'family' | 'dims'>,
  options: WayOptions,
  way: Way,
): Promise<void> {
  const [channels, height, width] = dims;
  // As many values as the job will have: the plan of the memory counts them.
  const data = new Float32Array(channels * height * width);
  const latent = { family, dims, data, provenance: NOWHERE };
  const unopened = () => ({ put: () => {} });
  const job = new Job(latent, { ...options, openPicture: unopened }, way);
  const plan = planMemory(workbench, job);
  const run = async (network: Network, rule: TilingRule, rows: number, columns: number) => {
    throwIfAborted(options.signal);
    job.progress('prepare', 0, 1, 'Preparing a network');
    const { x, y } = planTiles(rows, columns, rule)[0]!;
    const session = await workbench.sessions.get(network, y.size, x.size);
    await session.run();
    job.progress('prepare', 1, 1, 'Preparing a network');
  };
  const { upscalers, decoder, enlarger } = way;
  const [first] = upscalers;
  const { decode, upscale } = plan;
  if (first && !upscale[0]!.split) await run(first, upscale[0]!.rule, height, width);
  if (!decode.split) {
    if (decoder.before) await run(decoder.before, wholeRule(job.height, job.width), job.height, job.width);
    await run(decoder, decode.rule, job.height, job.width);
  }
  if (enlarger && plan.enlarge) await run(enlarger, plan.enlarge, job.small!.height, job.small!.width);
}

const NOWHERE = makeProvenance({ name: 'nothing' });
