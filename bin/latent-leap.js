#!/usr/bin/env node
// In a checkout, `npm install` builds what is imported here; `npm run build:node` builds it again.
import('../dist/node/cli.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(`latent-leap: ${error.message}`);
  console.error(
    'In a checkout: npm install && npm run build:node. It needs the optional package onnxruntime-node.',
  );
  process.exitCode = 1;
});
