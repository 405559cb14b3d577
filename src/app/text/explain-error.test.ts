import { expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { readTensorFile, writeSafetensors } from '../../formats';
import { readLatents } from '../../latent';
import { explainError } from './explain-error';

/** What the reader says of a file with one tensor. */
function refusalOf(name: string, dtype: 'F32' | 'I64', shape: number[], cut = 0): LeapError {
  const bytes = new Uint8Array(shape.reduce((product, size) => product * size, dtype === 'F32' ? 4 : 8));
  const file = writeSafetensors([{ name, dtype, shape, bytes }]);
  try {
    readLatents(readTensorFile(file.slice(0, file.length - cut)), {});
  } catch (thrown) {
    if (thrown instanceof LeapError) return thrown;
  }
  throw new Error('The file was not refused.');
}

it('gives no advice beside a message that says what to do', () => {
  const whole = refusalOf('latent', 'I64', [1, 4, 8, 8]);
  expect(whole.message).toContain('Save it before it is converted.');
  expect(explainError(whole)).toMatchObject({ title: 'No latent in it', advice: '' });
  const cut = refusalOf('latent', 'F32', [1, 4, 8, 8], 100);
  expect(cut.message).toContain('Fetch it again.');
  expect(explainError(cut)).toMatchObject({ title: 'The file is damaged', advice: '' });
  const foreign = new LeapError(
    'unsupported',
    'This is a latent of Wan. If that is wrong, choose a family.',
    {
      foreign: 'Wan',
    },
  );
  expect(explainError(foreign).advice).toBe('');
});

it('advises where the message does not', () => {
  const damaged = new LeapError('damaged-file', 'The pickle is cut off.');
  expect(explainError(damaged).advice).toContain('Save or copy it again');
});

it('does not ask to delete the stored models for a file of the person alone', () => {
  const { advice } = explainError(
    new LeapError('bad-weights', 'The weights lack the tensor decoder.conv_in.weight.'),
  );
  expect(advice).toMatch(/^If you added this model, its file is incomplete/);
});
