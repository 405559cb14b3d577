const NAME = 'Content-Security-Policy';
const SCRIPT = /\.m?js$/;

/**
 * The answer with the page's content security policy, if it is a script that came without one. A worker takes its policy
 * from the answer that brings its script; the policy that stands in the page is for the page alone.
 */
export function addPolicy(path: string, response: Response, policy: string): Response {
  if (!SCRIPT.test(path) || !response.ok || response.headers.has(NAME)) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set(NAME, policy);
  return new Response(body, { status, statusText, headers });
}
