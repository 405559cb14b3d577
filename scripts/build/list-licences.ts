import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The terms of packages that name their licence but bring no text of it. */
const TEXTS: Record<string, string> = {
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
  'BSD-3-Clause': `Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met: (1) Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer. (2) Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution. (3) Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`,
};
/** Holders of the copyright where the package names none. */
const HOLDERS: Record<string, string> = {
  '@lit-labs/ssr-dom-shim': 'Copyright (c) Google LLC. All rights reserved.',
  '@bufbuild/protobuf': 'Copyright Buf Technologies, Inc., and Google Inc.',
  'guid-typescript': 'Copyright (c) 2017 NicolasDeveloper',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation',
  'onnxruntime-web': 'Copyright (c) Microsoft Corporation',
};

/** What `src` imports and the builds contain; they bring more along. */
export const BUNDLED = ['@bufbuild/protobuf', 'comlink', 'fflate', 'idb-keyval', 'lit', 'onnxruntime-web'];

interface Manifest {
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

/**
 * The licences of everything that the builds contain: this project's, those of the bundled packages (and of what they
 * depend on), and the font's.
 *
 * @param root folder with package.json and node_modules
 * @throws Error for a package whose licence has no text here
 */
export function listLicences(root: string): string {
  const own = readFileSync(join(root, 'LICENSE'), 'utf8');
  const packages = [...findPackages(root)].toSorted();
  const font = readFileSync(join(root, 'src/app/fonts/OFL.txt'), 'utf8');
  const { version } = readManifest(join(root, 'node_modules/onnxruntime-web'));
  return [
    'Latent Leap: Apache-2.0. The text of this licence is at the end.',
    ...packages.map((name) => describePackage(root, name)),
    `What onnxruntime-web's .wasm files contain of others:\nhttps://github.com/microsoft/onnxruntime/blob/v${version}/ThirdPartyNotices.txt`,
    `Instrument Sans, the font of the page\n\n${font}`,
    `Apache-2.0\n\n${own}`,
  ]
    .map((part) => part.trim())
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

function findPackages(root: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    // Types are not in a build.
    if (found.has(name) || name.startsWith('@types/')) return;
    found.add(name);
    const { dependencies = {} } = readManifest(join(root, 'node_modules', name));
    for (const other of Object.keys(dependencies)) visit(other);
  };
  for (const name of BUNDLED) visit(name);
  return found;
}

function describePackage(root: string, name: string): string {
  const folder = join(root, 'node_modules', name);
  const { version, license = 'no licence' } = readManifest(folder);
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const title = `${name} ${version}: ${license}`;
  if (file) return `${title}\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
  const kinds = license.replaceAll(/[()]/g, '').split(/ AND | OR /);
  const texts = kinds.map((kind) => {
    if (kind === 'Apache-2.0') return 'The text of Apache-2.0 is at the end.';
    const text = TEXTS[kind];
    if (!text) throw new Error(`There is no text for the licence of ${name}: ${kind}.`);
    return text;
  });
  const holder = HOLDERS[name];
  if (!holder) throw new Error(`Nobody is named as the holder of ${name}; add it to ${import.meta.url}.`);
  return [title, holder, ...texts].join('\n\n');
}

function readManifest(folder: string): Manifest {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) throw new Error(`${path} is not there. Run npm install.`);
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
