/// Every address the portal asks for is one that the API describes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const described = Object.keys((JSON.parse(readFileSync(join(__dirname, '../../openapi.json'), 'utf8')) as { paths: object }).paths);

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? sources(join(folder, e.name)) : /(?<!\.d)\.tsx?$/.test(e.name) ? [join(folder, e.name)] : []));

/** `/v1/campaigns/${id}/contacts` asks for one segment that is not known here. */
const matches = (asked: string) => {
  const pattern = new RegExp(`^${asked.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{[^}]*\}/g, '[^/]+').replace(/\{(\w+)\}/g, '\\{$1\\}')}$`);
  return described.some((path) => pattern.test(path));
};

it('asks only for addresses that the API describes', () => {
  const asked = sources(join(__dirname, '../src')).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/['`](\/v1\/[^'`?]*)['`]/g)].map((m) => m[1] ?? ''));
  expect(asked.length).toBeGreaterThan(40);
  expect([...new Set(asked)].filter((path) => !matches(path))).toEqual([]);
});
