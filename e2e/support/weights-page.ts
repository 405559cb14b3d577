/** What the weights room's tests have in their page. */
export * from '../../src/weights';
