// TypeScript for what the server says, from docs/documents.schema.json: `npm run types` writes it, `npm run lint` compares.
import { readFileSync, writeFileSync } from 'node:fs';

import { compile } from 'json-schema-to-typescript';

const SCHEMA = new URL('../docs/documents.schema.json', import.meta.url);
const TYPES = new URL('src/model/schema.ts', import.meta.url);
const { prettier } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** The library knows the tuples of older drafts only. */
function withTuples(value) {
  if (Array.isArray(value)) {
    return value.map(withTuples);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { prefixItems, ...rest } = value;
  const entries = Object.entries({ ...rest, ...(prefixItems ? { items: prefixItems } : {}) });
  return Object.fromEntries(entries.map(([key, each]) => [key, withTuples(each)]));
}

const schema = withTuples(JSON.parse(readFileSync(SCHEMA, 'utf8')));
const made = await compile({ ...schema, title: 'Document' }, 'Document', {
  bannerComment: '/** Made from docs/documents.schema.json by `make schema`: not to be edited. */',
  style: prettier,
  unreachableDefinitions: true
});
if (!process.argv.includes('--check')) {
  writeFileSync(TYPES, made);
} else if (made !== readFileSync(TYPES, 'utf8')) {
  console.error('src/model/schema.ts is not what docs/documents.schema.json says: make schema');
  process.exit(1);
}
