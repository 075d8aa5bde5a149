export { dial } from './dial.ts';
export { answeredTooLate, placeLeg, requestLeg } from './dialling.ts';
