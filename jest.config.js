// Tests run as the ES modules they are; the transform only strips types, as Node itself does.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/jest.transform.js' },
  testMatch: ['<rootDir>/**/*.{unit,int}.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.tandem/'],
  testTimeout: 30_000,
};
