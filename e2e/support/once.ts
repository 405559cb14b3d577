import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOOK_MS = 200;

/**
 * Does something once in a whole run of the tests, in the worker that needs it first; the others wait for it. Outside
 * of such a run it is simply done.
 */
export async function once(name: string, work: () => Promise<unknown>): Promise<void> {
  const { E2E_RUN } = process.env;
  if (!E2E_RUN) return void (await work());
  const mine = join(tmpdir(), `latent-leap-e2e-${E2E_RUN}`, name);
  const ended = join(mine, 'ended');
  const failed = join(mine, 'failed');
  if (isFirst(mine)) {
    try {
      await work();
    } catch (thrown) {
      writeFileSync(failed, '');
      throw thrown;
    } finally {
      writeFileSync(ended, '');
    }
    return;
  }
  while (!existsSync(ended)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  if (existsSync(failed)) throw new Error(`${name} failed before.`);
}

/** Only one of them all can make a folder. */
function isFirst(folder: string): boolean {
  mkdirSync(join(folder, '..'), { recursive: true });
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
