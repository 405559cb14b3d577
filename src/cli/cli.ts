import { version } from '../../package.json' with { type: 'json' };
import { runCommand } from './run-command';
import { ignoreClosedPipe } from './system/ignore-closed-pipe';

ignoreClosedPipe(process.stdout);
ignoreClosedPipe(process.stderr);
const terminal = { out: console.log, err: console.error };
process.exitCode = await runCommand(process.argv.slice(2), version, terminal);
