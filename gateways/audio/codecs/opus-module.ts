import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The calls of libopus that we use; pointers are byte offsets into the module's memory. */
interface OpusExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(state: number, sampleRate: number, channels: number, application: number): number;
  opus_encoder_ctl_set(state: number, request: number, value: number): number;
  opus_encode(state: number, samples: number, count: number, payload: number, room: number): number;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(state: number, sampleRate: number, channels: number): number;
  opus_decode(
    state: number,
    payload: number,
    bytes: number,
    samples: number,
    count: number,
    correct: number,
  ): number;
}

/** Bytes of the longest payload that is decoded; RTP packets are shorter. */
export const LONGEST_PAYLOAD = 4096;
/** Samples that come out or go in at once, at the most: 120 ms at 48 kHz. */
export const MOST_SAMPLES = 5760;

/**
 * libopus as one instance for the thread, with one place for samples and one for a payload. What a peer sends is
 * decoded inside of its memory, out of reach of everything else.
 */
export class OpusModule {
  readonly calls: OpusExports;
  /** Where samples and a payload lie. */
  readonly samplesAt: number;
  readonly payloadAt: number;
  #bytes: Uint8Array;
  #words: Int16Array;

  constructor(module: WebAssembly.Module) {
    let grown = (): void => {};
    const instance = new WebAssembly.Instance(module, {
      env: { emscripten_notify_memory_growth: () => grown() },
      wasi_snapshot_preview1: {
        proc_exit: (code: number): never => {
          throw new Error(`libopus ended with ${code}`);
        },
        fd_write: () => 0,
        fd_seek: () => 0,
        fd_close: () => 0,
      },
    });
    this.calls = instance.exports as unknown as OpusExports;
    this.calls._initialize();
    this.samplesAt = this.allocate(2 * MOST_SAMPLES);
    this.payloadAt = this.allocate(LONGEST_PAYLOAD);
    this.#bytes = new Uint8Array(this.calls.memory.buffer);
    this.#words = new Int16Array(this.calls.memory.buffer);
    // A memory that grows is another buffer.
    grown = () => {
      this.#bytes = new Uint8Array(this.calls.memory.buffer);
      this.#words = new Int16Array(this.calls.memory.buffer);
    };
  }

  allocate(bytes: number): number {
    const pointer = this.calls.malloc(bytes);
    if (pointer === 0) throw new RangeError('libopus has no memory left');
    return pointer;
  }

  putSamples(samples: Int16Array): void {
    this.#words.set(samples, this.samplesAt / 2);
  }

  takeSamples(count: number, out: Int16Array): void {
    const from = this.samplesAt / 2;
    out.set(this.#words.subarray(from, from + count));
  }

  putPayload(payload: Uint8Array): void {
    this.#bytes.set(payload, this.payloadAt);
  }

  takePayload(bytes: number, out: Uint8Array): void {
    out.set(this.#bytes.subarray(this.payloadAt, this.payloadAt + bytes));
  }
}

let loaded: OpusModule | undefined;

/** The thread's instance; compiled when it is first needed, which takes some milliseconds. */
export const opusModule = (): OpusModule => {
  loaded ??= new OpusModule(
    new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve('@evan/opus/wasm/simd.wasm')))),
  );
  return loaded;
};
