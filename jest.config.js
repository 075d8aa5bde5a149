// Tests run as the ES modules they are; the transform only strips types, as Node itself does.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/jest.transform.js' },
  testMatch: ['<rootDir>/**/*.{unit,int}.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.tandem/'],
  globalSetup: '<rootDir>/jest.ports.js',
  // Tests wait for conditions; this is for those that never come, and long enough for a machine with other work.
  testTimeout: 120_000,
};
