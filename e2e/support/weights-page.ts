/** What the weights room's tests have in their page: the room, and what tells it which network a file holds. */
export { recogniseCheckpoint } from '../../src/graph';
export * from '../../src/weights';
