export type * from './api';
export { createEngine } from './engine';
export { chooseWay } from './models/choose-way';
export type * from './types';
