import { version } from '../../package.json' with { type: 'json' };
import { runCommand } from './run-command';

const terminal = { out: console.log, err: console.error };
process.exitCode = await runCommand(process.argv.slice(2), version, terminal);
