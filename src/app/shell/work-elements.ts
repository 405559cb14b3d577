/** The elements that a page without a file does without. */
import '../compare/leap-compare';
import '../inspector/leap-inspector';
import '../queue/leap-strip';
import '../save/leap-quick-save';
