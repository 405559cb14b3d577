import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import catalog from '../../public/models/catalog.json' with { type: 'json' };

/** The package's types in somebody else's project, which has nothing beside TypeScript and checks every declaration. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);
let folder: string;

beforeAll(() => {
  for (const [command, ...args] of [
    ['tsc', '-p', 'tsconfig.lib.json'],
    ['tsx', 'scripts/lib/finish-types.ts'],
    ['tsx', 'scripts/lib/write-family-models.ts'],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(bin(command), args, { cwd: ROOT, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  }
  folder = mkdtempSync(join(tmpdir(), 'latent-leap-types-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'latent-leap'));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

function check(code: string, module: 'bundler' | 'nodenext'): string {
  const compilerOptions = {
    ...{ strict: true, skipLibCheck: false, noEmit: true, types: [], lib: ['ES2024', 'DOM'] },
    ...{ target: 'ES2024', module: module === 'bundler' ? 'ESNext' : 'NodeNext', moduleResolution: module },
    // Else the declarations would find what is installed here.
    preserveSymlinks: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.mts'] }));
  writeFileSync(join(folder, 'use.mts'), code);
  const { stdout, stderr } = spawnSync(bin('tsc'), ['-p', '.'], { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
};
const families = [...new Set(catalog.models.filter(({ embedded }) => embedded).map(({ family }) => family))];
const ENTRIES = [
  ...Object.keys(exports).filter((entry) => !/\*|package\.json/.test(entry)),
  ...families.map((family) => `./models/${family}`),
];

test.each(['bundler', 'nodenext'] as const)(
  'every entry is clean, without @webgpu/types and with skipLibCheck off: %s',
  (module) => {
    expect(ENTRIES).toEqual(
      expect.arrayContaining(['.', './element', './open', './worker', './models/sd15']),
    );
    const imports = ENTRIES.map((entry, i) => `import * as e${i} from 'latent-leap${entry.slice(1)}';`);
    const names =
      "import type { BatchNorm, CreateOptions, LatentFormat, Report, WriteOptions } from 'latent-leap';\n" +
      'export type All = [BatchNorm, CreateOptions, LatentFormat, Report, WriteOptions];\n' +
      'const families: string[] = Object.keys(e0.FAMILIES);\n';
    const used = `export const all: unknown[] = [families, ${ENTRIES.map((_, i) => `e${i}`).join(', ')}];`;
    expect(check([...imports, names, used].join('\n'), module)).toBe('');
  },
  60_000,
);

test('the models of a family are a module; the files themselves have their own names', () => {
  const path = join(folder, 'use.mjs');
  const name = catalog.models.find(({ embedded }) => embedded)!.files[0]!.path;
  writeFileSync(
    path,
    `import models from 'latent-leap/models/sd15';
const pathOf = (name) => import.meta.resolve('latent-leap/models/' + name);
console.log(JSON.stringify([models.models.length > 0, pathOf('catalog.json'), pathOf(${JSON.stringify(name)})]));`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, ['--preserve-symlinks', path], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const [hasModels, ...paths] = JSON.parse(stdout) as [boolean, string, string];
  expect(hasModels).toBe(true);
  for (const one of paths) expect(existsSync(fileURLToPath(one)), one).toBe(true);
});

test('a wrong option is an error', () => {
  const code = "import { createUpscaler } from 'latent-leap';\nvoid createUpscaler({ backend: 'metal' });";
  expect(check(code, 'bundler')).toContain('metal');
});

test('a written latent goes into a Blob, and pixels into ImageData, as they are', () => {
  const code = `import { createUpscaler, type UpscaleResult } from 'latent-leap';
export async function save(result: UpscaleResult): Promise<Blob> {
  const upscaler = await createUpscaler();
  return new Blob([await upscaler.write(result.latent, 'comfyui')]);
}
export const draw = ({ rgba, width }: UpscaleResult<'rgba'>) => new ImageData(rgba, width);`;
  expect(check(code, 'bundler')).toBe('');
});
