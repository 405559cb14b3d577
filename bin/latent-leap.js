#!/usr/bin/env node
// In a checkout, `npm install` builds what is imported here; `npm run build:node` builds it again.
import '../dist/node/cli.js';
