// Runs Chromium with JsSIP in a page, and does what it is told over HTTP, for the interop tests:
// `node driver.mjs CHROMIUM PROFILE-FOLDER` prints its address; `POST /do {"name", "args"}` answers with the result as JSON.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-features=WebRtcHideLocalIpsWithMdns', '--autoplay-policy=no-user-gesture-required',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--ignore-certificate-errors',
];
const PAGE = '<!doctype html><meta charset="utf-8"><title>Phone</title><script src="/page.js"></script>';

const bundle = await build({
  entryPoints: [fileURLToPath(new URL('page.mjs', import.meta.url))],
  bundle: true,
  format: 'iife',
  write: false,
});
const [, , executablePath, profile] = process.argv;
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: false,
  args: FLAGS,
});
const page = await context.newPage();
page.on('console', (message) => console.log(`page: ${message.text()}`));

// The page itself is told by `phone`, what surrounds it by `browser`.
const browser = {
  open: (url) => page.goto(url).then(() => null),
  reload: () => page.reload().then(() => null),
};

async function carryOut({ name, args }) {
  if (name in browser) return browser[name](...args);
  return page.evaluate(([name, args]) => window.phone[name](...args), [name, args]);
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const server = createServer(async (request, response) => {
  const answer = (status, type, text) => response.writeHead(status, { 'Content-Type': type }).end(text);
  try {
    if (request.url === '/') return answer(200, 'text/html', PAGE);
    if (request.url === '/page.js') return answer(200, 'text/javascript', bundle.outputFiles[0].text);
    if (request.url !== '/do') return answer(404, 'text/plain', '');
    const result = await carryOut(await body(request));
    return answer(200, 'application/json', JSON.stringify(result ?? null));
  } catch (error) {
    return answer(500, 'text/plain', String(error));
  }
});
server.listen(0, '127.0.0.1', () => console.log(`browser is ready at 127.0.0.1:${server.address().port}`));

async function end() {
  server.close();
  await context.close();
  process.exit(0);
}
process.on('SIGINT', end);
process.on('SIGTERM', end);
