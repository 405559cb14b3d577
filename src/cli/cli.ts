import { version } from '../../package.json';
import { runCommand } from './run-command';

const terminal = { out: console.log, err: console.error };
process.exitCode = await runCommand(process.argv.slice(2), version, terminal);
