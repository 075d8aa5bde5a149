export { DATE_PATTERN, readSpan, rfc2822, type Span } from './dates.ts';
export {
  type CallCursor,
  MOST_OF_PAGE,
  pageFields,
  paging,
  readToken,
  withQuery,
  writeToken,
} from './paging.ts';
