export { type AdmissionLimits, admissionLimits, admitPeers } from './admit-peers.ts';
export { ensureDevelopmentCertificates } from './certificates.ts';
export { saveLatest } from './latest-value.ts';
export { limits, PING_INTERVAL, PROTOCOL } from './limits.ts';
export { watchPeer } from './liveness.ts';
export { PATIENCE, patientWrites } from './patient-writes.ts';
export { checkGateway, commonName, gatewaysNamed, type LinkTls, loadTls, type TlsFiles } from './tls.ts';
