/// Fails when the first load or a route carries too much script: entry ≤ 240 KB gz, route ≤ 420, with charts ≤ 500, no chunk > 250.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = { entry: 240, route: 420, chartRoute: 500, chunk: 250 };
const CHART_ROUTES = ['src/routes/reports.tsx'];
/** Fetched by every visit of a route although imported late. */
const LATE = ['src/shared/call/Waveform.tsx'];

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const kb = new Map();
const sizeOf = (file) => {
  if (!kb.has(file)) kb.set(file, gzipSync(readFileSync(new URL(file, dist))).length / 1024);
  return kb.get(file);
};

/** What the browser must fetch before `key` runs. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  for (const next of manifest[key].dynamicImports ?? []) if (LATE.includes(next)) closure(next, seen);
  return seen;
}
const weight = (keys) => [...keys].reduce((sum, k) => sum + sizeOf(manifest[k].file), 0);

const faults = [];
const check = (what, value, limit) => {
  const line = `${what.padEnd(44)} ${value.toFixed(1).padStart(7)} KB gz (≤ ${limit})`;
  process.stdout.write(`${line}\n`);
  if (value > limit) faults.push(line);
};

const entry = Object.keys(manifest).find((k) => manifest[k].isEntry);
const zh = Object.keys(manifest).find((k) => k.endsWith('locales/zh-CN.json'));
const first = closure(entry);
check('entry', weight(first), LIMIT.entry);
const shell = Object.keys(manifest).find((k) => k.endsWith('src/app/shell/Shell.tsx'));
for (const key of Object.keys(manifest).filter((k) => k.includes('src/routes/'))) {
  const all = new Set([...first, ...closure(shell), ...closure(key), ...(zh ? closure(zh) : [])]);
  check(key, weight(all), CHART_ROUTES.includes(key) ? LIMIT.chartRoute : LIMIT.route);
}
for (const key of Object.keys(manifest)) if (manifest[key].file.endsWith('.js')) sizeOf(manifest[key].file);
const [largest, size] = [...kb].sort((a, b) => b[1] - a[1])[0];
check(`largest chunk ${largest.split('/').pop()}`, size, LIMIT.chunk);
if (faults.length > 0) {
  process.stderr.write(`size: too large\n${faults.join('\n')}\n`);
  process.exit(1);
}
