/** One task of a page's main thread. */
export interface Task {
  wallMs: number;
  /** Processor time. It is less than the time on the clock if other threads had the core. */
  cpuMs: number;
}

/** An event of Chromium's trace format; times in microseconds. */
interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string; [key: string]: unknown };
}

/** The browser's outermost wrapper of a task, in its versions. */
const TASK_NAMES = ['RunTask', 'ThreadControllerImpl::RunTask'];

/** Messages of the test tool. They run in the page, but visitors do not have them. */
const TOOL = 'blink.mojom.DevToolsSession';

/**
 * The main thread's tasks of the process that shows `url`, from a trace with the categories `toplevel` and
 * `devtools.timeline`.
 */
export function readTasks(trace: Buffer, url: string): Task[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const pages = new Set<number>();
  const mains = new Set<string>();
  for (const event of traceEvents) {
    if (JSON.stringify(event.args ?? {}).includes(url)) pages.add(event.pid);
    if (event.name === 'thread_name' && event.args?.name === 'CrRendererMain') mains.add(threadOf(event));
  }
  const ours = traceEvents
    .filter((event) => event.ph === 'X' && pages.has(event.pid) && mains.has(threadOf(event)))
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const tasks: Task[] = [];
  let end = 0;
  let byTool = false;
  for (const event of ours) {
    if (event.ts >= end && TASK_NAMES.includes(event.name)) {
      end = event.ts + (event.dur ?? 0);
      byTool = false;
      tasks.push({ wallMs: (event.dur ?? 0) / 1000, cpuMs: (event.tdur ?? 0) / 1000 });
    } else if (!byTool && event.ts < end && JSON.stringify(event.args ?? {}).includes(TOOL)) {
      byTool = true;
      tasks.pop();
    }
  }
  return tasks;
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid} ${tid}`;
}
