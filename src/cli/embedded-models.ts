/** The folder of the models that come along. This file is as deep in src/ as the built command line is in dist/. */
export const EMBEDDED_MODELS = new URL('../../public/models/', import.meta.url);
