export {
  advertisedBy,
  isCidr,
  isHost,
  isListen,
  isRemote,
  isSipRemote,
  isWebUrl,
  parseHostPort,
  parsePortRange,
  parseSipListener,
} from './addresses.ts';
