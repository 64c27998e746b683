/// Build for Chromium 108 and newer; in development /v1 goes to a running `bellbird run`.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const api = process.env.BELLBIRD_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@locales': here('../locales'), '@': here('./src') } },
  server: {
    fs: { allow: [here('.'), here('../locales')] },
    proxy: { '/v1': { target: api, changeOrigin: true }, '/openapi.json': api },
  },
  build: { target: 'chrome108', manifest: true, chunkSizeWarningLimit: 900, assetsInlineLimit: 2048 },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}', 'checks/**/*.test.ts'] },
});
