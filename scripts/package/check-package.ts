import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countFirstScripts } from './first-scripts.ts';
import { type PackedLibrary, packLibrary, ROOT } from './pack-library.ts';
import { writeMarked } from './write-marked.ts';

/**
 * `npm run build && npm run check-package [-- --write]`: packs the library, looks at the tarball with publint and Are
 * The Types Wrong, and ends with 1 on a finding of either, or when a page would load more at first than it should.
 * `--write` puts the sizes into docs/embedding.md.
 *
 * Both tools are fetched by npm when they are needed: they have 39 MB, which nobody else's `npm install` should carry.
 */
const TOOLS = ['publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];

/**
 * The client without the engine. Once more than twice as much came along unnoticed: modules that were said to have
 * effects are loaded wherever their room is named.
 */
const FIRST_SCRIPTS = 50_000;

/**
 * The profile leaves out who cannot use the library whatever its types say. It is made of ES modules that find their
 * worker and their wasm by `import.meta.url`, which CommonJS lacks; a `require` of them works in every Node that the
 * package allows, as Node itself loads them. Resolution as in Node 10 knows no `exports`; TypeScript 7 has left it out.
 */
const CHECKS = [
  ['publint', 'run', '--strict'],
  ['attw', '--profile', 'esm-only', '--no-color', '--format', 'ascii'],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'latent-leap-package-'));
try {
  const library = packLibrary(folder);
  const sizes = describeSizes(library);
  console.log(sizes);
  if (process.argv.includes('--write')) writeMarked('docs/embedding.md', 'package', sizes);
  const failed = CHECKS.filter((check) => !passes(check, library.path));
  const first = countFirstScripts(join(ROOT, 'dist/lib/index.js'));
  console.log(`A page loads ${first} bytes of script at first; ${FIRST_SCRIPTS} are allowed.`);
  process.exitCode = failed.length === 0 && first <= FIRST_SCRIPTS ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function passes([tool, ...options]: readonly string[], tarball: string): boolean {
  const packages = TOOLS.map((name) => `--package=${name}`);
  // publint looks for a path before its options.
  const call =
    tool === 'publint' ? [...options.slice(0, 1), tarball, ...options.slice(1)] : [...options, tarball];
  const { status, stdout, stderr } = spawnSync('npm', ['exec', '--yes', ...packages, '--', tool!, ...call], {
    cwd: folder,
    encoding: 'utf8',
  });
  console.log(status === 0 ? `${tool}: no findings` : `${tool} ended with ${status}:\n${stdout}${stderr}`);
  return status === 0;
}

function describeSizes({ bytes, unpackedBytes, files }: PackedLibrary): string {
  const sum = (pattern: RegExp) =>
    files.reduce((total, { path, size }) => (pattern.test(path) ? total + size : total), 0);
  const [models, runtime] = [sum(/^public\/models\//), sum(/\.wasm(\.gz)?$/)];
  return (
    `The package is ${megabytes(bytes)}, unpacked ${megabytes(unpackedBytes)}: ${megabytes(models)} of models, ` +
    `${megabytes(runtime)} of the runtime, the rest is scripts and documents.`
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
