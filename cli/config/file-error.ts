const DETAILS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};

/** Why a file cannot be read, in words. */
export function formatFileError(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return DETAILS[code] ?? message;
}
