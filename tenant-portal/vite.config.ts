/// Build for Chromium 108 and newer; in development /v1 goes to a running `bellbird run`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const api = process.env.BELLBIRD_API ?? 'http://127.0.0.1:8080';

/** Writes each script and style beside itself as .br and .gz: the server sends those and compresses nothing per request. */
const precompress = (): Plugin => ({
  name: 'precompress',
  apply: 'build',
  closeBundle() {
    const folder = here('./dist/assets');
    for (const name of readdirSync(folder).filter((n) => /\.(js|css)$/.test(n))) {
      const bytes = readFileSync(join(folder, name));
      writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes));
    }
  },
});

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { '@locales': here('../locales'), '@': here('./src') } },
  server: {
    fs: { allow: [here('.'), here('../locales')] },
    proxy: { '/v1': { target: api, changeOrigin: true }, '/openapi.json': api },
  },
  build: { target: 'chrome108', manifest: true, chunkSizeWarningLimit: 900, assetsInlineLimit: 2048 },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}', 'checks/**/*.test.ts'], testTimeout: 20_000 },
});
