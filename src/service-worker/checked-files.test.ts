import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CheckedFiles, type FileCache } from './checked-files';

const GOOD = 'the file as it was built';
const WRONG = '<!doctype html>Please sign in';
const hashes = { 'app.js': createHash('sha256').update(GOOD).digest('hex') };
const address = (path: string) => `https://example.org/leap/${path}`;

/** A cache in memory, by address. */
class MemoryCache implements FileCache {
  readonly entries = new Map<string, Response>();
  match = async (key: RequestInfo | URL) => this.entries.get(String(key))?.clone();
  put = async (key: RequestInfo | URL, response: Response) => void this.entries.set(String(key), response);
  delete = async (key: RequestInfo | URL) => this.entries.delete(String(key));
}

let cache: MemoryCache;
/** The server's next answers, the last one for good, and how they were asked for. */
let answers: string[];
let asked: (RequestCache | undefined)[];
let status: number;
const later: Promise<void>[] = [];

beforeEach(() => {
  cache = new MemoryCache();
  answers = [GOOD];
  asked = [];
  status = 200;
});

function openFiles(): CheckedFiles {
  return new CheckedFiles(hashes, address, async (_, init) => {
    asked.push(init?.cache);
    return new Response(answers.length > 1 ? answers.shift() : answers[0], { status });
  });
}

async function answer(files: CheckedFiles): Promise<string> {
  const response = await files.answer('app.js', cache, (work) => later.push(work));
  const text = await response.text();
  await Promise.all(later.splice(0));
  return text;
}

describe('CheckedFiles', () => {
  it('keeps what it fetched, and answers from there', async () => {
    expect(await answer(openFiles())).toBe(GOOD);
    expect(asked).toEqual(['no-cache']);
    expect(await answer(openFiles())).toBe(GOOD);
    expect(asked).toHaveLength(1);
  });

  it('hands a wrong body on, but never keeps it', async () => {
    answers = [WRONG];
    expect(await answer(openFiles())).toBe(WRONG);
    expect(cache.entries.size).toBe(0);
    answers = [GOOD];
    expect(await answer(openFiles())).toBe(GOOD);
    expect(await cache.entries.get(address('app.js'))?.clone().text()).toBe(GOOD);
  });

  it('replaces a broken copy that an earlier version kept', async () => {
    await cache.put(address('app.js'), new Response(WRONG));
    expect(await answer(openFiles())).toBe(GOOD);
    expect(await cache.entries.get(address('app.js'))?.clone().text()).toBe(GOOD);
  });

  it('asks past the HTTP cache when that may hold the wrong body', async () => {
    answers = [WRONG, GOOD];
    await openFiles().keep('app.js', cache);
    expect(asked).toEqual(['no-cache', 'reload']);
    expect(cache.entries.size).toBe(1);
  });

  it('rejects when a file to be kept does not come, or comes as something else', async () => {
    answers = [WRONG];
    await expect(openFiles().keep('app.js', cache)).rejects.toThrow(/app\.js.*not the expected file/);
    answers = [GOOD];
    status = 404;
    await expect(openFiles().keep('app.js', cache)).rejects.toThrow(/404/);
    expect(cache.entries.size).toBe(0);
  });
});
