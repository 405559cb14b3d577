import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['.ci', 'bench', 'bin', 'docs', 'e2e', 'examples', 'public', 'scripts', 'src', 'training'];
/** All that may be named, from the root. */
const FILES = [
  ...readdirSync(ROOT),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  ),
];
const DOCUMENTS = FILES.filter((path) =>
  /^((docs|examples|training|public\/models)\/)?[\w-]+\.md$/.test(path),
);

/** `[text](target)` and `![text](target)`, without addresses of the web. */
const LINK = /\]\((?!https?:)([^)\s]+)\)/g;
/** A file or folder in backticks, as the code of this repository names them. */
const PATH = /`([\w./-]+(?:\.(?:ts|py|json|md|wgsl)|\/))`/g;

/** What is made by a build or a person, or stands for a name. */
const MADE = /^(dist|node_modules|MODELS?|RUNS|CACHE|OUT)\b|^\/|catalog\.json$|NAME|NETWORK/;

/** What is in the npm package, where documents are read too. */
const { files: PACKED } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
/** npm packs these whatever `files` says. */
const ALWAYS_PACKED = ['README.md', 'LICENSE', 'package.json'];

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');

  it('links to files and headings that are there', () => {
    const broken = [...text.matchAll(LINK)]
      .map(([, target]) => target!)
      .filter((target) => !leads(document, target));
    expect(broken).toEqual([]);
  });

  it('names files that are there', () => {
    const missing = [...text.matchAll(PATH)]
      .map(([, path]) => path!)
      .filter((path) => !MADE.test(path) && !isThere(path));
    expect(missing).toEqual([]);
  });
});

describe.each(DOCUMENTS.filter(isPacked))('%s in the package', (document) => {
  it('links to files that are packed with it', () => {
    const left = [...readFileSync(join(ROOT, document), 'utf8').matchAll(LINK)]
      .map(([, target]) => target!.split('#')[0]!)
      .filter((path) => path !== '')
      .map((path) => join(dirname(document), path))
      .filter((path) => !isPacked(path));
    expect(left).toEqual([]);
  });
});

function isPacked(path: string): boolean {
  return ALWAYS_PACKED.includes(path) || PACKED.some((one) => path === one || path.startsWith(`${one}/`));
}

function leads(document: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? document : relative(ROOT, join(ROOT, dirname(document), path));
  if (!isThere(file)) return false;
  return heading === undefined || headingsOf(file).includes(heading);
}

/** Rooms are named from `src/` or from the room that a document is about, so the end of a path is enough. */
function isThere(path: string): boolean {
  const end = `/${path.replace(/\/$/, '')}`;
  return FILES.some((file) => `/${file}`.endsWith(end));
}

/** The anchors that are made of a document's headings. */
function headingsOf(document: string): string[] {
  const headings = readFileSync(join(ROOT, document), 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}
