/**
 * Whether the page may fetch from an address that a link gave it: `fetch` from its own server and from hosts that its
 * content security policy names; `ask` where the policy allows more than it names, or there is none; `refuse` what the
 * browser would block.
 *
 * @param policy the page's, as in its `meta` element
 * @param own the page's origin
 */
export function judgeSource(url: URL, own: string, policy: string | undefined): 'fetch' | 'ask' | 'refuse' {
  if (url.origin === own) return 'fetch';
  if (url.protocol !== 'https:') return 'refuse';
  if (policy === undefined) return 'ask';
  const sources = readConnectable(policy);
  if (sources?.some((source) => names(source, url))) return 'fetch';
  return !sources || sources.includes('*') || sources.includes('https:') ? 'ask' : 'refuse';
}

/** The hosts that a policy names for `fetch`, without those of which it names only the end. */
export function listHosts(policy = ''): string[] {
  const sources = readConnectable(policy) ?? [];
  return sources.flatMap((source) => /^https:\/\/([^*/]+)$/.exec(source)?.[1] ?? []);
}

function readConnectable(policy: string): string[] | undefined {
  return readSources(policy, 'connect-src') ?? readSources(policy, 'default-src');
}

function readSources(policy: string, directive: string): string[] | undefined {
  for (const part of policy.split(';')) {
    const [name, ...sources] = part.trim().split(/\s+/);
    if (name === directive) return sources;
  }
  return undefined;
}

/** `https://a.example` names that origin, `https://*.a.example` those of all hosts below. */
function names(source: string, { origin, host }: URL): boolean {
  const wild = 'https://*.';
  return source.startsWith(wild) ? host.endsWith(source.slice(wild.length - 1)) : source === origin;
}
