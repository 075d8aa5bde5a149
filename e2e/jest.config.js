import base from '../jest.config.js';

// Scenarios: whole processes and real peers, one after the other.
export default {
  ...base,
  rootDir: '..',
  transform: { '\\.ts$': '<rootDir>/jest.transform.js' },
  testMatch: ['<rootDir>/e2e/**/*.e2e.test.ts'],
  globalSetup: '<rootDir>/jest.ports.js',
  testTimeout: 400_000,
};
