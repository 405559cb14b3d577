import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('without onnxruntime-node the command line says in one line what to install', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-leap-bare-'));
  try {
    cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    // Stands for the build, which is only made to be packed: it imports the runtime by this name as well.
    mkdirSync(join(folder, 'dist/node'), { recursive: true });
    writeFileSync(join(folder, 'dist/node/cli.js'), "import 'onnxruntime-node';\n");
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/latent-leap.js', '--help'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`npm install onnxruntime-node@${peerDependencies['onnxruntime-node']}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
