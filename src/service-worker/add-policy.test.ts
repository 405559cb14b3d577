import { expect, it } from 'vitest';
import { addPolicy } from './add-policy';

const POLICY = "default-src 'none'";
const NAME = 'Content-Security-Policy';

it('gives a script the policy, and leaves the rest as it is', async () => {
  const script = new Response('let a', { headers: { 'Content-Type': 'text/javascript' } });
  const answer = addPolicy('assets/worker-1.js', script, POLICY);
  expect(answer.headers.get(NAME)).toBe(POLICY);
  expect(answer.headers.get('Content-Type')).toBe('text/javascript');
  expect(await answer.text()).toBe('let a');
});

it.each([
  ['of another kind', 'index.html', new Response('')],
  ['of an error', 'app.js', new Response('', { status: 404 })],
  ['that has a policy of the host', 'app.js', new Response('', { headers: { [NAME]: "img-src 'none'" } })],
])('leaves an answer alone %s', (_, path, response) => {
  expect(addPolicy(path, response, POLICY)).toBe(response);
});
