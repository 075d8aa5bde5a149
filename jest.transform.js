import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

// Types are replaced by spaces, so line and column numbers in a failing test are those of the source.
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source, path) =>
    createHash('sha256').update(process.version).update(path).update(source).digest('hex'),
};
