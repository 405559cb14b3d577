import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 60_000,
    // The numeric tests run onnxruntime. With more workers than cores they would time out.
    maxWorkers: 2,
  },
});
