import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 60_000,
    // The numeric tests run onnxruntime; more workers than cores only make them time out.
    maxWorkers: 2,
  },
});
