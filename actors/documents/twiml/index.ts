export { parseDocument } from './parse-document.ts';
export { dialDocument, parseStaticDocument } from './static-document.ts';
