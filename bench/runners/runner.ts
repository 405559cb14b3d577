import type { CaseId, CaseResult, Workload } from '../types';
import type { Rounds } from './time-case';

/** Where the cases run: a process of Node's, or a page in a browser. */
export interface Runner {
  adapter: string;
  /** What it measures on, in words. */
  models: string;
  versions: Record<string, string>;
  caseIds(work: Workload): Promise<CaseId[]>;
  /** Each case begins in a fresh process or page, so that memory left by an earlier one does not count. */
  measure(work: Workload, id: CaseId, rounds: Rounds): Promise<CaseResult>;
  close(): Promise<void>;
}
