export { DIGITS, EVENT_SIZE, parseEvent, writeEvent } from './dtmf-event.ts';
export { DtmfReceiver, EVENT_TIMEOUT, KEYS_PER_SECOND, type ReceivedDigit } from './dtmf-receiver.ts';
export { DtmfSender, PAUSE } from './dtmf-sender.ts';
export { meanOpinionScore } from './mean-opinion-score.ts';
export { type DropReason, type MediaStats, noDrops } from './media-stats.ts';
export { isNetwork, within } from './networks.ts';
export { PacketWriter, type Transmit } from './packet-writer.ts';
export { PortPool, type PortRange, splitRange } from './port-pool.ts';
export { Reception } from './reception.ts';
export { ReorderBuffer } from './reorder-buffer.ts';
export { parseRtcp } from './rtcp-packet.ts';
export { type RtcpMoment, RtcpReporter } from './rtcp-reporter.ts';
export {
  CLOCK_RATE,
  emptyRtpHeader,
  isRtcp,
  parseRtp,
  payloadOffset,
  RTP_HEADER_SIZE,
  type RtpHeader,
  sequenceAhead,
  timestampAhead,
  writeRtpHeader,
} from './rtp-packet.ts';
export { RtpPort } from './rtp-port.ts';
export { randomStart, SendStream, type StreamStart } from './send-stream.ts';
export { type LatchRule, rank, type SignalledSource, type Source, SourceLatch } from './source-latch.ts';
