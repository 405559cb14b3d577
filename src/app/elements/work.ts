/** The elements that a page without a file does without. */
import '../compare/leap-compare';
import './leap-inspector';
import './leap-strip';
