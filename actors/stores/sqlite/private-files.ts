import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';

// What is stored tells who called whom, when, and what they pressed: only the user who runs us reads it.
const FOLDER = 0o700;
const FILE = 0o600;
const OTHERS = 0o077;

/** Makes a folder for its owner only. One that is there is left as it is: it may hold other people's files. */
export const makePrivateFolder = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: FOLDER });
};

/** Makes a folder of ours for its owner only, or takes it from others who could read it. */
export const keepFolderPrivate = (path: string): void => {
  makePrivateFolder(path);
  if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, FOLDER);
};

/** Makes an empty file for its owner only, or takes one that is there from others. */
export const makePrivateFile = (path: string): void => {
  closeSync(openSync(path, 'a', FILE));
  narrowFile(path);
};

/** Takes a file, if it is there, from others who could read it. */
export const narrowFile = (path: string): void => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && (found.mode & OTHERS) !== 0) chmodSync(path, FILE);
};
