import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { runCommand } from './run-command';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

vi.mock('onnxruntime-node', () => {
  throw new Error('Nobody has installed it.');
});

test('help and inspect work without it', async () => {
  const lines: string[] = [];
  const terminal = { out: (line: string) => lines.push(line), err: (line: string) => lines.push(line) };
  const file = join(ROOT, 'src/latent/__fixtures__/ComfyUI_sdxl.latent');
  expect(await runCommand(['--help'], '1', terminal)).toBe(0);
  expect(await runCommand(['inspect', file], '1', terminal)).toBe(0);
  expect(lines.join('\n')).toMatch(/Usage: .*sdxl/s);
  // The stand-in is in force: what computes misses the runtime.
  expect(await runCommand(['upscale', file, '--out', tmpdir()], '1', terminal)).toBe(1);
});

test('without onnxruntime-node the command line says in one line what to install', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-leap-bare-'));
  try {
    cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    // Stands for the build, which is only made to be packed: it imports the runtime by this name as well.
    mkdirSync(join(folder, 'dist/node'), { recursive: true });
    writeFileSync(join(folder, 'dist/node/cli.js'), "await import('onnxruntime-node');\n");
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/latent-leap.js', '--help'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(
      `npm install --ignore-scripts onnxruntime-node@${peerDependencies['onnxruntime-node']}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
