import { runCommand } from '../cli/run-command';

/** Runs the command line in this process. `lines` has what it printed on both outputs, in the order in which it came. */
export async function runCli(...args: string[]) {
  const [out, err, lines]: [string[], string[], string[]] = [[], [], []];
  const listen = (to: string[]) => (line: string) => {
    to.push(line);
    lines.push(line);
  };
  const code = await runCommand(args, '1.2.3', { out: listen(out), err: listen(err) });
  return { code, out, err, lines };
}
