// What every browser test needs: a browser, people signed in, checks that count, and what a page complained about.
import { chromium } from 'playwright-core';
import { createRequire } from 'node:module';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const [, , base, shots, executablePath] = process.argv;
export { base, shots };

let passed = 0, failed = 0;
export async function check(name, test) {
  try {
    await test();
    passed++;
  } catch (e) {
    failed++;
    console.log(`FAILED ${name}: ${String(e.message ?? e).split('\n').slice(0, 12).join('\n    ')}`);
  }
}
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
export function expect(truth, words) {
  if (!truth) throw new Error(words);
}

let browser;
export async function launch() {
  browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
}
export const close = () => browser.close();

// A browser window of its own.  page.complaints collects console errors, page errors and breaches of the content policy.
export async function open({ state, dark = false, phone = false, script = true, axe = false } = {}) {
  const context = await browser.newContext({
    baseURL: base, storageState: state, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: script,
    reducedMotion: 'reduce', viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
  });
  context.setDefaultTimeout(15000);
  if (script) await context.addInitScript(() => {
    window.policyBreaches = [];
    document.addEventListener('securitypolicyviolation', e => window.policyBreaches.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  if (script && axe) await context.addInitScript({ path: axePath });
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', m => { if (['error', 'warning'].includes(m.type())) page.complaints.push(`${m.type()}: ${m.text()}`); });
  page.on('pageerror', e => page.complaints.push(`page error: ${e.message}`));
  page.on('requestfailed', r => page.complaints.push(`request failed: ${r.url()} ${r.failure()?.errorText}`));
  return page;
}

export async function signIn(login, options) {
  const page = await open(options);
  await page.goto('/sign-in');
  await page.fill('#login', login);
  await page.fill('#password', 'demo');
  await page.click('main button');
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'));
  return page;
}
// The session of a person who signed in once for all tests: a person's oldest sessions end when there are too many.
const states = new Map();
export async function stateOf(login) {
  if (!states.has(login)) {
    const page = await signIn(login);
    states.set(login, await page.context().storageState());
    await page.context().close();
  }
  return states.get(login);
}

// Complaints but the browser's own note that a page was answered with the status that the test asks for.
export async function complaints(page, status = 200) {
  const breaches = await page.evaluate(() => window.policyBreaches ?? []);
  const own = page.complaints.splice(0).filter(c => !(status >= 400 && c.includes(`status of ${status}`)));
  return [...own, ...breaches.map(b => `content policy: ${b}`)];
}

export async function axeViolations(page) {
  const found = await page.evaluate(async tags => {
    const result = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return result.violations.map(v => `${v.id} (${v.impact}): ${v.help}\n      `
      + v.nodes.slice(0, 4).map(n => `${n.target.join(' ')}: ${n.any[0]?.message ?? n.none[0]?.message ?? n.failureSummary ?? ''}`).join('\n      '));
  }, axeTags);
  return found;
}
export const overflow = page => page.evaluate(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return '';
  const scrolls = e => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e.parentElement));
  return `${root.scrollWidth} px wide; ${wide.slice(0, 4).map(e => `${e.tagName.toLowerCase()}.${e.className}`).join(', ')}`;
});
