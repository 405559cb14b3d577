import type { Rounds } from './time-case';
import type { CaseId, CaseResult, Workload } from './types';

/** Where the cases run: a process of Node's, or a page in a browser. */
export interface Runner {
  adapter: string;
  /** What is measured, in words. */
  models: string;
  versions: Record<string, string>;
  caseIds(work: Workload): Promise<CaseId[]>;
  /** Every case begins in a fresh process or page: memory that an earlier one left behind is nobody's. */
  measure(work: Workload, id: CaseId, rounds: Rounds): Promise<CaseResult>;
  close(): Promise<void>;
}
