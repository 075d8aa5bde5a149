import { define } from './define.ts';

export const mediaErrors = {
  'media.file-refused': define<{ url: string; status: number }>(
    502,
    (p) => `${p.url}, which is to be played, was answered with HTTP status ${p.status}.`,
    'Put the file where the document says it is, for everybody to fetch.',
  ),
  'media.mark-not-heard': define<{ patience: number }>(
    504,
    (p) => `What one telephone said to be measured by was not heard by the other in ${p.patience} ms.`,
    'See to it that the two are connected and nothing else is said meanwhile.',
  ),
  'media.no-ports': define<{ first: number; last: number; address: string }>(
    503,
    (p) =>
      `No pair of UDP ports from ${p.first} to ${p.last} on ${p.address} is free for another media session.`,
    'Widen the range of media ports, spread calls over more gateways, or stop what else uses these ports.',
  ),
  'media.bind-failed': define<{ address: string; detail: string }>(
    500,
    (p) => `Media ports cannot be opened on ${p.address}: ${p.detail}.`,
    'Bind to an address that this machine has; a public address that is mapped to it is the advertised one.',
  ),
  'media.part-away': define<{ address: string; detail: string }>(
    503,
    (p) => `The media part of this gateway, at ${p.address}, cannot be reached: ${p.detail}.`,
    'Start it (tandem media FILE) where media.control says that it listens, and look at its log.',
  ),
  'media.part-replaced': define<{ address: string }>(
    500,
    (p) =>
      `The media part of this gateway, at ${p.address}, is another process than before, and its sessions are gone.`,
    'The signalling part ends and is to be started again: it then takes its calls up with media sessions anew.',
  ),
  'media.part-refused': define<{ code: string; detail: string }>(
    403,
    (p) => `The media part of this gateway refuses its signalling part (${p.code}): ${p.detail}`,
    'Give both parts the same configuration file, and certificates of one region.',
  ),
  'media.part-busy': define<{ limit: number }>(
    503,
    (p) => `${p.limit} operations wait for the media part of this gateway.`,
    'Look at the load of its media part, and spread calls over more gateways.',
  ),
  'media.no-service': define<{ service: string }>(
    501,
    (p) => `This gateway has no ${p.service}.`,
    'Configure the service in this gateway, or in another region that its calls may use.',
  ),
  'media.service-full': define<{ service: string; capacity: number }>(
    503,
    (p) => `All ${p.capacity} sessions of ${p.service} that this gateway may have are in use.`,
    'Raise the capacity of the service, or have another gateway or region offer it.',
  ),
  'media.service-away': define<{ service: string; region: string; detail: string }>(
    503,
    (p) => `The ${p.service} of ${p.region}, for which this gateway stands, cannot be had: ${p.detail}.`,
    'Check the border of that region and its service; meanwhile calls use another region that they may use.',
  ),
  'media.unknown-session': define<{ id: string }>(
    404,
    (p) => `There is no media session ${p.id}.`,
    'Allocate a session before using it, and do not use it after its release.',
  ),
  'media.worker-lost': define<{ detail: string }>(
    500,
    (p) => `The thread that carried this media ended unexpectedly: ${p.detail}.`,
    'Report it with the log of that moment; the sessions it carried are gone, new ones are served.',
  ),
  'media.no-worker': define<{ what: string; detail: string }>(
    503,
    (p) => `${p.what} cannot be had, because mediasoup's worker is not here: ${p.detail}.`,
    'Start ./tandem and install what it names so that it can build the worker; or set MEDIASOUP_WORKER_BIN to one.',
  ),
  'media.relay-lost': define<{ detail: string }>(
    500,
    (p) => `A mediasoup worker that carried media failed: ${p.detail}.`,
    'Report it with the log of that moment; pipes that it carried are gone, all else goes on, and a new one is started.',
  ),
  'media.bad-pipe-end': define<{ id: string; detail: string }>(
    400,
    (p) => `Media pipe ${p.id} cannot be connected to the end it was told: ${p.detail}.`,
    'Pass on what the other end said when it was opened, and connect a pipe once.',
  ),
  'media.closed': define(
    503,
    () => 'The media plane is closed.',
    'Stop sending work to a process that is shutting down.',
  ),
  'media.unknown-tone': define<{ name: string }>(
    400,
    (p) => `There is no tone named "${p.name}".`,
    'Use ringback, busy, congestion (each also with a country, such as ringback-uk), beep, or dtmf- and a key.',
  ),
  'media.file-unreadable': define<{ url: string; detail: string }>(
    502,
    (p) => `The audio file at ${p.url} cannot be read: ${p.detail}.`,
    'Check that the URL is right and that its server can be reached and answers with the file.',
  ),
  'media.file-too-large': define<{ what: string; limit: string }>(
    413,
    (p) => `${p.what} is longer than the ${p.limit} that are played.`,
    'Play a shorter file, or several in turn.',
  ),
  'media.unsupported-format': define<{ format: string; detail: string }>(
    415,
    (p) => `The ${p.format} audio cannot be played: ${p.detail}.`,
    'Use WAV (PCM, float, A-law or µ-law), MP3, or raw audio/basic.',
  ),
  'media.speech-failed': define<{ detail: string }>(
    500,
    (p) => `The text could not be spoken: ${p.detail}.`,
    'Check the text, and the speech engine where one is configured.',
  ),
  'media.text-too-long': define<{ length: number; limit: number }>(
    400,
    (p) => `The text to be spoken has ${p.length} characters; at most ${p.limit} are spoken at a time.`,
    'Say it in several parts.',
  ),
  'media.bad-sdp': define<{ detail: string }>(
    400,
    (p) => `The session description cannot be used: ${p.detail}.`,
    'Send a session description as RFC 8866 and RFC 3264 have it, with one audio stream at least.',
  ),
  'media.other-family': define<{ theirs: 4 | 6; ours: string }>(
    415,
    (p) =>
      `The session description has its audio at an IPv${p.theirs} address; media of this gateway is at ${p.ours} alone.`,
    'Offer an address of the same family, or call a gateway whose media.bind is of the other.',
  ),
  'media.no-common-codec': define<{ detail: string }>(
    415,
    (p) => `The session description has no audio stream that can be taken: ${p.detail}.`,
    'Offer PCMU, PCMA, G722 or opus over RTP/AVP, one that the gateway may use (media.codecs).',
  ),
  'media.audio-failed': define<{ detail: string }>(
    500,
    (p) => `Audio could not be made ready to play: ${p.detail}.`,
    'Try again; if the same audio fails again, report it with the file or the text.',
  ),
  'media.sound-held': define<{ whose: string; limit: number }>(
    503,
    (p) => `Files and sound that ${p.whose} play now have reached ${p.limit} bytes.`,
    'Play shorter or fewer different files at the same time, or spread calls over more gateways.',
  ),
  'media.audio-overloaded': define<{ waiting: number }>(
    503,
    (p) => `${p.waiting} pieces of audio are already waiting to be made ready.`,
    'Spread calls over more gateways, or play prepared files in place of speech.',
  ),
};
