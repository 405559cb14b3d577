#!/usr/bin/env node
import { readFileSync } from 'node:fs';

const [command, ...options] = process.argv.slice(2);

if (command === 'copy-models') {
  const { copyModels } = await import('./copy-models.js');
  process.exitCode = copyModels(options, console);
} else {
  await import('../dist/node/cli.js').catch(explain);
}

/** The command line needs a runtime that nobody needs in a browser: it is installed by those who use it. */
function explain(error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const name = 'onnxruntime-node';
  console.error(
    error.message.includes(name)
      ? `latent-leap: the command line computes with ${name}. Install it: npm install --ignore-scripts ${name}@${peerDependencies[name]}`
      : `latent-leap: ${error.message}\nIn a checkout: npm install && npm run build:node`,
  );
  process.exitCode = 1;
}
