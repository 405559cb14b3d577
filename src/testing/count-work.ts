type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Where a reader's work shows: steps of loops over arrays, maps and sets, looks into maps, and texts that are searched. */
const COUNTED: readonly [object, string][] = [
  [Object.getPrototypeOf([][Symbol.iterator]()) as object, 'next'],
  [Object.getPrototypeOf(new Map()[Symbol.iterator]()) as object, 'next'],
  [Object.getPrototypeOf(new Set()[Symbol.iterator]()) as object, 'next'],
  [Map.prototype, 'get'],
  [Map.prototype, 'has'],
  [Set.prototype, 'has'],
  [RegExp.prototype, 'exec'],
  [String.prototype, 'startsWith'],
  [String.prototype, 'endsWith'],
  [String.prototype, 'split'],
  [String.prototype, 'slice'],
];
/** Methods of arrays that look at each element. */
const LOOPS = [
  'map',
  'filter',
  'find',
  'some',
  'every',
  'forEach',
  'flatMap',
  'reduce',
  'sort',
  'indexOf',
  'includes',
];

/** How much is done, in steps: a limit of work, which does not depend on the machine. What is thrown is let go. */
export function countWork(run: () => unknown): number {
  let steps = 0;
  const restore: (() => void)[] = [];
  const replace = (owner: object, name: string, count: (self: unknown) => number) => {
    const methods = owner as Record<string, Method>;
    const method = methods[name]!;
    methods[name] = function (this: unknown, ...args) {
      steps += count(this);
      return Reflect.apply(method, this, args);
    };
    restore.push(() => {
      methods[name] = method;
    });
  };
  for (const [owner, name] of COUNTED) replace(owner, name, () => 1);
  for (const name of LOOPS) replace(Array.prototype, name, (self) => (self as unknown[]).length);
  try {
    run();
  } catch {
    // Refused, after as much work.
  } finally {
    for (const undo of restore) undo();
  }
  return steps;
}
