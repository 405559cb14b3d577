import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeapError, type Upscaler } from '../../client';
import { ModelShelf } from './model-shelf';
import { UpscalerHost } from './upscaler-host';

const dead = () => Promise.reject(new LeapError('worker-died', 'The worker died.'));

describe('ModelShelf', () => {
  let upscaler: { [name in 'models' | 'clearCache' | 'removeModel']: ReturnType<typeof vi.fn> };
  let shelf: ModelShelf;

  beforeEach(() => {
    vi.stubGlobal('navigator', {});
    upscaler = { models: vi.fn(async () => []), clearCache: vi.fn(async () => {}), removeModel: vi.fn(dead) };
    shelf = new ModelShelf(new UpscalerHost(async () => upscaler as unknown as Upscaler, {}));
  });

  afterEach(() => vi.unstubAllGlobals());

  it('reads the list again after a failure, and forgets the problem once the list is there', async () => {
    upscaler.models.mockImplementationOnce(dead);
    await shelf.load();
    expect(shelf.problem?.code).toBe('worker-died');
    await shelf.retry();
    expect(shelf.models).toEqual([]);
    expect(shelf.problem).toBeUndefined();
  });

  it('never repeats what succeeded', async () => {
    await shelf.clear();
    upscaler.models.mockImplementationOnce(dead);
    await shelf.load();
    await shelf.retry();
    expect(upscaler.clearCache).toHaveBeenCalledTimes(1);
    expect(upscaler.models).toHaveBeenCalledTimes(3);
  });

  it('removes many, and those that are left when one fails', async () => {
    upscaler.removeModel.mockImplementation(async (id: string) => (id === 'b' ? dead() : undefined));
    await shelf.remove('a', 'b', 'c');
    expect(shelf.problem?.code).toBe('worker-died');
    upscaler.removeModel.mockImplementation(async () => {});
    await shelf.retry();
    expect(upscaler.removeModel.mock.calls.map(([id]) => id)).toEqual(['a', 'b', 'a', 'b', 'c']);
    expect(shelf.problem).toBeUndefined();
  });

  it('tells of each added model that is gone, once, and of no other', async () => {
    const [mine, other, shipped] = [
      { id: 'mine', custom: true },
      { id: 'other', custom: true },
      { id: 'shipped', custom: false },
    ];
    const told: string[] = [];
    shelf.addEventListener('forgotten', (event) => told.push((event as CustomEvent<string>).detail));
    upscaler.models.mockImplementation(async () => [mine, other, shipped]);
    await shelf.load();
    expect(told).toEqual([]);
    // What is not kept goes with the rest that is stored; what was never added can be fetched again.
    upscaler.clearCache.mockImplementation(async () =>
      upscaler.models.mockImplementation(async () => [other, shipped]),
    );
    await shelf.clear();
    expect(told).toEqual(['mine']);
    upscaler.models.mockImplementation(async () => []);
    await shelf.load();
    await shelf.load();
    expect(told).toEqual(['mine', 'other']);
  });

  it('takes no older list after a newer one, and tells of a loss once', async () => {
    const mine = { id: 'mine', custom: true };
    const answers: ((models: unknown[]) => void)[] = [];
    upscaler.models.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
    const told: string[] = [];
    shelf.addEventListener('forgotten', (event) => told.push((event as CustomEvent<string>).detail));
    const loads = [shelf.load(), shelf.load(), shelf.load()];
    await vi.waitFor(() => expect(answers).toHaveLength(3));
    answers[1]!([mine]);
    await loads[1];
    answers[0]!([]);
    await loads[0];
    expect(shelf.models).toEqual([mine]);
    expect(told).toEqual([]);
    answers[2]!([]);
    await loads[2];
    expect(shelf.models).toEqual([]);
    expect(told).toEqual(['mine']);
  });

  it('shows the problem of an attempt rather than that of the list, and repeats the attempt', async () => {
    upscaler.models.mockImplementationOnce(dead);
    await shelf.remove('a');
    expect(shelf.problem?.code).toBe('worker-died');
    await shelf.load();
    expect(shelf.problem?.code).toBe('worker-died');
    upscaler.removeModel.mockImplementation(async () => {});
    await shelf.retry();
    expect(upscaler.removeModel).toHaveBeenCalledTimes(2);
    expect(shelf.problem).toBeUndefined();
  });
});
