// What decides how a worker that is built here turns out: one built by another recipe is another one.

/** What the build needs, each with a question that tells whether it is there, and Debian's name for it. */
export const NEEDED = [
  { probe: ['g++', '--version'], package: 'g++' },
  { probe: ['flatc', '--version'], package: 'flatbuffers-compiler' },
  { header: 'flatbuffers/flatbuffers.h', package: 'libflatbuffers-dev' },
  { header: 'uv.h', package: 'libuv1-dev' },
  { header: 'openssl/ssl.h', package: 'libssl-dev' },
  { header: 'srtp2/srtp.h', package: 'libsrtp2-dev' },
] as const;

/** As its own release build, with its own bandwidth estimation, so that abseil is not needed. */
export const FLAGS = ['-std=c++20', '-O3', '-DNDEBUG', '-pipe', '-w', '-pthread'];
export const DEFINES = ['-DMS_USE_BUILTIN_BWE', '-DMS_EXECUTABLE'];
export const LIBRARIES = ['-luv', '-lssl', '-lcrypto', '-lsrtp2', '-pthread'];
