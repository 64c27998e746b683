/// Chinese and English say the same things, and every key a page asks for exists.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '@locales/en.json';
import zh from '@locales/zh-CN.json';

type Tree = { [key: string]: string | Tree };

const flatten = (tree: Tree, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([k, v]) => (typeof v === 'string' ? [[prefix + k, v] as [string, string]] : flatten(v, `${prefix}${k}.`)));

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? sources(join(folder, e.name)) : /\.tsx?$/.test(e.name) && !e.name.includes('.test.') ? [join(folder, e.name)] : [],
  );

const zhTexts = new Map(flatten(zh as Tree));
const enTexts = new Map(flatten(en as Tree));
const variables = (text: string) => [...text.matchAll(/\{\{?\s*(\w+)\s*\}?\}/g)].map((m) => m[1]).sort();

describe('the catalogue', () => {
  it('has the same keys in Chinese and English', () => {
    expect([...enTexts.keys()].sort()).toEqual([...zhTexts.keys()].sort());
  });

  it('uses the same variables in both', () => {
    const differing = [...zhTexts].filter(([k, v]) => JSON.stringify(variables(v)) !== JSON.stringify(variables(enTexts.get(k) ?? ''))).map(([k]) => k);
    expect(differing).toEqual([]);
  });

  it('has no empty text', () => {
    expect([...zhTexts, ...enTexts].filter(([, v]) => v.trim() === '').map(([k]) => k)).toEqual([]);
  });

  it('has every key that a page names', () => {
    const ui = (zh as Tree).ui as Tree;
    const known = new Set(flatten(ui).map(([k]) => k));
    const named = sources(join(__dirname, '../src')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\b(?:t|tr)\(\s*'([\w.]+)'|i18nKey="([\w.]+)"/g)].map((m) => m[1] ?? m[2] ?? ''),
    );
    expect([...new Set(named)].filter((k) => !known.has(k) && !known.has(`${k}_other`))).toEqual([]);
  });

  it('has a text for every family of keys that a page builds', () => {
    const ui = flatten((zh as Tree).ui as Tree).map(([k]) => k);
    const families = sources(join(__dirname, '../src')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bt\(\s*`([\w.]+)\.\$\{/g)].map((m) => m[1] ?? ''),
    );
    expect([...new Set(families)].filter((f) => f !== 'problem' && !ui.some((k) => k.startsWith(`${f}.`)))).toEqual([]);
  });
});
