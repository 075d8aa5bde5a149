import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { generatedPages } from './pages.ts';

// `npm run docs`: writes the reference pages that are generated.
for (const { file, content } of generatedPages) {
  writeFileSync(file, content());
  console.log(`wrote ${relative(process.cwd(), file)}`);
}
