import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Peers } from '../cases/peers';
import type { BenchOptions } from '../parse-options';
import { readVersions } from '../report/describe-machine';
import type { CaseId, CaseResult } from '../types';
import { watchMemory } from '../watch/watch-memory';
import type { ChildAnswer, ChildRequest, ChildSetup } from './node-child';
import type { Runner } from './runner';

const CHILD = fileURLToPath(new URL('./node-child.ts', import.meta.url));

export async function openNodeRunner(
  { backend, family, threads }: BenchOptions,
  { span, taesd }: Peers,
  embedded: boolean,
): Promise<Runner> {
  const setup: ChildSetup = { backend, family, embedded, threads, span, taesd };
  const first = await startChild(setup);
  return {
    ...first.opened,
    versions: { node: process.versions.node, ...readVersions(['onnxruntime-node']) },
    caseIds: (work) => ask<CaseId[]>(first.child, { kind: 'list', work }),
    async measure(work, id, rounds) {
      const { child } = await startChild(setup);
      const endMemory = watchMemory(child.pid!);
      const result = await ask<CaseResult>(child, { kind: 'measure', work, id, rounds });
      const peakBytes = endMemory();
      child.kill();
      return { ...result, peakBytes };
    },
    close: async () => void first.child.kill(),
  };
}

async function startChild(setup: ChildSetup) {
  const child = fork(CHILD, { serialization: 'advanced', execArgv: ['--import', 'tsx'] });
  const opened = await ask<{ adapter: string; models: string }>(child, { kind: 'open', setup });
  return { child, opened };
}

/** @throws Error with the child's message, or when the child ends instead of answering */
async function ask<Answer>(child: ChildProcess, request: ChildRequest): Promise<Answer> {
  const ended = new AbortController();
  const answered = once(child, 'message', { signal: ended.signal }) as Promise<[ChildAnswer]>;
  const onExit = () => ended.abort();
  child.once('exit', onExit);
  child.send(request);
  try {
    const [answer] = await answered;
    if ('error' in answer) throw new Error(answer.error);
    return answer.value as Answer;
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    throw new Error(`The process ended (${child.signalCode ?? child.exitCode}), perhaps for lack of memory.`);
  } finally {
    child.off('exit', onExit);
  }
}
