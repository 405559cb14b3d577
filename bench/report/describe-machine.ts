import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../types';

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    load: loadavg()[0] ?? 0,
    platform: `${platform()} ${release()} ${arch()}`,
  };
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Versions of packages installed in a folder, by name. */
export function readVersions(packages: string[], folder = ROOT): Record<string, string> {
  return Object.fromEntries(
    packages.map((name) => {
      const file = join(folder, 'node_modules', name, 'package.json');
      return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version];
    }),
  );
}
