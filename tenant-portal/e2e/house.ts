/// A `bellbird run --demo` of its own per worker, on free ports and a throw-away data folder; and signed-in pages that
/// fail the test when the console complains.
import { test as base, expect, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countShifts } from './cost';

export const PASSWORD = 'e2e-Rehearsal-2026';
const BINARY = process.env.BELLBIRD_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? '../target', 'debug/bellbird');

export type Role = 'admin' | 'operator' | 'scripter' | 'agent' | 'viewer';
export type House = { url: string; api: (role: Role) => Promise<Api> };
export type Api = {
  get: <T>(path: string) => Promise<T>;
  post: <T>(path: string, body: unknown) => Promise<T>;
  put: <T>(path: string, body: unknown) => Promise<T>;
};

const tcpPort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const udpPort = () =>
  new Promise<number>((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

/** Starts the house and waits for its own word that it is ready. */
async function open(): Promise<{ house: House; close: () => Promise<void> }> {
  const data = mkdtempSync(join(tmpdir(), 'bellbird-e2e-'));
  const http = `127.0.0.1:${await tcpPort()}`;
  const kept = Object.entries(process.env).filter(([key]) => !key.startsWith('BELLBIRD_'));
  const child: ChildProcess = spawn(BINARY, ['run', '--demo'], {
    env: {
      ...Object.fromEntries(kept),
      ...(process.env.BELLBIRD_CACHE ? { BELLBIRD_CACHE: process.env.BELLBIRD_CACHE } : {}),
      BELLBIRD_DATA: data,
      BELLBIRD_HTTP: http,
      BELLBIRD_UPLINK: `127.0.0.1:${await udpPort()}`,
      BELLBIRD_SIP: `127.0.0.1:${await udpPort()}`,
      BELLBIRD_CARRIER: `127.0.0.1:${await udpPort()}`,
      BELLBIRD_RTP: '42000-44999',
      BELLBIRD_CARRIER_RTP: '45000-47999',
      BELLBIRD_PORTAL: new URL('../dist', import.meta.url).pathname,
      BELLBIRD_DEMO_PASSWORD: PASSWORD,
      BELLBIRD_LOG: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('bellbird: ready on')) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`bellbird left with ${code} before it was ready:\n${said}`)));
  });
  const url = `http://${http}`;
  const api = async (role: Role): Promise<Api> => {
    const body = JSON.stringify({ email: `${role}@demo`, password: PASSWORD });
    const session = await fetch(`${url}/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { token } = (await session.json()) as { token: string };
    const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
      const answer = await fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${init.method} ${path} as ${role}: ${answer.status} ${text}`);
      return (text ? JSON.parse(text) : undefined) as T;
    };
    const send = (method: string) => <T>(path: string, body: unknown) => ask<T>(path, { method, body: JSON.stringify(body) });
    return { get: (path) => ask(path, { method: 'GET' }), post: send('POST'), put: send('PUT') };
  };
  const close = async () => {
    child.kill('SIGTERM');
    // A second word means: at once.
    const late = setTimeout(() => child.kill('SIGTERM'), 15_000);
    const last = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await gone;
    clearTimeout(late);
    clearTimeout(last);
    rmSync(data, { recursive: true, force: true });
  };
  return { house: { url, api }, close };
}

export const test = base.extend<{ signedIn: (role: Role, size?: { width: number; height: number }) => Promise<Page> }, { house: House }>({
  house: [
    async ({}, use) => {
      const { house, close } = await open();
      await use(house);
      await close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  signedIn: async ({ browser, house }, use) => {
    const complaints: string[] = [];
    const pages: Page[] = [];
    await use(async (role, size) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...(size ? { viewport: size } : {}) });
      const page = await context.newPage();
      await countShifts(page);
      pages.push(page);
      page.on('console', (message) => {
        // The question "who am I" before signing in is answered 401; the browser prints that itself.
        const expected = message.text().includes('status of 401') && new URL(message.location().url).pathname === '/v1/me';
        if (['error', 'warning'].includes(message.type()) && !expected) complaints.push(`${role} at ${page.url()}: ${message.text()} ${message.location().url}`);
      });
      page.on('pageerror', (error) => complaints.push(`${role}: ${error.message}`));
      await page.goto(`${house.url}/login`);
      await page.getByLabel('账号').fill(`${role}@demo`);
      await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: '登录', exact: true }).click();
      await page.waitForURL((address) => !address.pathname.startsWith('/login'));
      return page;
    });
    for (const page of pages) await page.context().close();
    expect(complaints, 'the console stays silent').toEqual([]);
  },
});

export { expect };
