/** What a program left behind. */
export interface ProgramResult {
  readonly exitCode: number;
  /** Standard output and error, as much of them as is kept. */
  readonly messages: string;
  /** The file that it wrote last. */
  readonly output: Uint8Array;
}

export interface ProgramOptions {
  /** The program's name and arguments. */
  readonly args: readonly string[];
  /** Most bytes it may write to a file; more ends it. */
  readonly outputLimit: number;
}

/** Error numbers of WASI preview 1. */
const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const INVALID = 28;
const NO_ENTRY = 44;
const NO_SPACE = 51;

const DIRECTORY = 3;
const FILE = 4;
const CREATE_FLAG = 1;
const MESSAGES_LIMIT = 4096;

class Exit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command-line program compiled for WASI preview 1 in memory: it sees its arguments, can write files that are
 * kept for the caller, and nothing of the machine.
 *
 * Not a door to untrusted modules; it gives a trusted one as little as it needs. Synchronous: run it in a worker.
 */
export const runProgram = (module: WebAssembly.Module, options: ProgramOptions): ProgramResult => {
  const args = options.args.map((argument) => Buffer.from(`${argument}\0`));
  let file = Buffer.alloc(0);
  let fileSize = 0;
  let position = 0;
  let messages = '';
  let overflown = false;
  let memory: WebAssembly.Memory;

  const view = (): DataView => new DataView(memory.buffer);
  const bytes = (from: number, length: number): Uint8Array => new Uint8Array(memory.buffer, from, length);
  const put = (at: number, value: number): void => view().setUint32(at, value, true);

  const writeFile = (chunk: Uint8Array): number => {
    const end = position + chunk.length;
    if (end > options.outputLimit) {
      overflown = true;
      return NO_SPACE;
    }
    if (end > file.length) {
      const larger = Buffer.alloc(Math.min(options.outputLimit, Math.max(end, file.length * 2, 65_536)));
      larger.set(file);
      file = larger;
    }
    file.set(chunk, position);
    position = end;
    fileSize = Math.max(fileSize, end);
    return SUCCESS;
  };

  const calls = {
    args_sizes_get: (count: number, size: number): number => {
      put(count, args.length);
      put(
        size,
        args.reduce((sum, argument) => sum + argument.length, 0),
      );
      return SUCCESS;
    },
    args_get: (pointers: number, buffer: number): number => {
      let at = buffer;
      for (const [index, argument] of args.entries()) {
        put(pointers + 4 * index, at);
        bytes(at, argument.length).set(argument);
        at += argument.length;
      }
      return SUCCESS;
    },
    clock_time_get: (_clock: number, _precision: bigint, result: number): number => {
      view().setBigUint64(result, 0n, true);
      return SUCCESS;
    },
    fd_close: (): number => SUCCESS,
    fd_fdstat_get: (descriptor: number, result: number): number => {
      if (descriptor > FILE) return BAD_DESCRIPTOR;
      bytes(result, 24).fill(0);
      // Kinds: 2 a character device, 3 a directory, 4 a regular file.
      view().setUint8(result, descriptor < DIRECTORY ? 2 : descriptor);
      view().setBigUint64(result + 8, 0xffff_ffffn, true);
      view().setBigUint64(result + 16, 0xffff_ffffn, true);
      return SUCCESS;
    },
    fd_fdstat_set_flags: (): number => SUCCESS,
    fd_prestat_get: (descriptor: number, result: number): number => {
      if (descriptor !== DIRECTORY) return BAD_DESCRIPTOR;
      put(result, 0);
      put(result + 4, 1);
      return SUCCESS;
    },
    fd_prestat_dir_name: (_descriptor: number, buffer: number): number => {
      bytes(buffer, 1)[0] = '/'.charCodeAt(0);
      return SUCCESS;
    },
    fd_read: (_descriptor: number, _vectors: number, _count: number, read: number): number => {
      put(read, 0);
      return SUCCESS;
    },
    fd_seek: (descriptor: number, offset: bigint, whence: number, result: number): number => {
      if (descriptor !== FILE) return BAD_DESCRIPTOR;
      const target = Number(offset) + [0, position, fileSize][whence]!;
      if (!(target >= 0 && target <= options.outputLimit)) return INVALID;
      position = target;
      view().setBigUint64(result, BigInt(position), true);
      return SUCCESS;
    },
    fd_write: (descriptor: number, vectors: number, count: number, written: number): number => {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const chunk = bytes(
          view().getUint32(vectors + 8 * i, true),
          view().getUint32(vectors + 8 * i + 4, true),
        );
        if (descriptor === FILE) {
          const error = writeFile(chunk);
          if (error !== SUCCESS) return error;
        } else if (messages.length < MESSAGES_LIMIT) {
          messages += Buffer.from(chunk).toString('latin1');
        }
        total += chunk.length;
      }
      put(written, total);
      return SUCCESS;
    },
    path_open: (
      _directory: number,
      _lookup: number,
      _path: number,
      _length: number,
      openFlags: number,
      _rights: bigint,
      _inheriting: bigint,
      _flags: number,
      result: number,
    ): number => {
      if (!(openFlags & CREATE_FLAG)) return NO_ENTRY;
      file = Buffer.alloc(0);
      fileSize = 0;
      position = 0;
      put(result, FILE);
      return SUCCESS;
    },
    proc_exit: (exitCode: number): never => {
      throw new Exit(exitCode);
    },
  };

  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: calls });
  const exports = instance.exports as { memory: WebAssembly.Memory; _start: () => void };
  memory = exports.memory;
  let exitCode = 0;
  try {
    exports._start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    exitCode = error.exitCode;
  }
  return { exitCode: overflown ? 1 : exitCode, messages, output: file.subarray(0, fileSize) };
};
