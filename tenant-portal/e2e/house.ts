/// A `bellbird run --demo` of its own per worker, on free ports and a throw-away data folder; and signed-in pages that
/// fail the test when the console complains.
import { test as base, expect, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PASSWORD = 'e2e-Rehearsal-2026';
const BINARY = process.env.BELLBIRD_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? '../target', 'debug/bellbird');

export type Role = 'admin' | 'operator' | 'scripter' | 'agent' | 'viewer';
export type House = { url: string; api: (role: Role) => Promise<Api> };
export type Api = { get: <T>(path: string) => Promise<T> };

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
    return {
      get: async <T>(path: string) => (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<T>,
    };
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
      const context = await browser.newContext(size ? { viewport: size } : {});
      const page = await context.newPage();
      pages.push(page);
      page.on('console', (message) => {
        // The question "who am I" before signing in is answered 401; the browser prints that itself.
        const expected = message.text().includes('401');
        if (['error', 'warning'].includes(message.type()) && !expected) complaints.push(`${role}: ${message.text()}`);
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

/** No full mobile number is anywhere in the page. */
export async function expectMasked(page: Page) {
  const html = await page.content();
  expect(html.match(/(?<!\d)1[3-9]\d{9}(?!\d)/g) ?? [], `full numbers on ${page.url()}`).toEqual([]);
}

/** What the page asked for has come. The event stream stays open, so the network is never idle. */
export async function settled(page: Page) {
  await expect(page.locator('[aria-busy="true"], .ant-skeleton')).toHaveCount(0);
}

/** A picture for the docs; with BELLBIRD_SIZES=FOLDER also at the sizes that people's screens have, to be looked at. */
export async function picture(page: Page, name: string) {
  await page.screenshot({ path: new URL(`../../docs/pictures/${name}.png`, import.meta.url).pathname, animations: 'disabled' });
  const folder = process.env.BELLBIRD_SIZES;
  const usual = page.viewportSize();
  if (!folder || !usual) return;
  for (const [width, height] of [[1366, 768], [1920, 1080], [2560, 1440]] as const) {
    await page.setViewportSize({ width, height });
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), animations: 'disabled' });
  }
  await page.setViewportSize(usual);
}

export { expect };
