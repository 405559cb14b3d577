export type * from './api';
export { createEngine } from './engine';
export type * from './types';
