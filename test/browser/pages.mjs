// Every page in light, dark and on a phone: no barrier that axe can see, no complaint of the browser, nothing too wide.
import { check, expect, open, stateOf, complaints, axeViolations, overflow, shots } from './harness.mjs';

// name, path, and where it is not the plain case: who looks, the status, how the page is reached, the shots to take
export const pages = [
  { name: 'sign-in', path: '/sign-in', who: null, shot: true },
  { name: 'cockpit', path: '/d/sorrel-p1', shot: true },
  { name: 'devices', path: '/devices' },
  { name: 'my work', path: '/work', shot: true },
  { name: 'signing', path: '/r/TRG-0081/sign/review', shot: true },
  { name: 'signing several', path: '/sign?step=review&id=TRG-0081&id=TRG-0071' },
  { name: 'list', path: '/list/threat' },
  { name: 'list filtered', path: '/list/threat?q=stride%3Atampering' },
  { name: 'list paged', path: '/list/test_case?q=sort%3Aid', next: true },
  { name: 'import a table', path: '/import' },
  { name: 'list with a wrong filter', path: '/list/threat?q=colour%3Ared', status: 422 },
  { name: 'record', path: '/r/T-001', shot: true },
  { name: 'record with a gap', path: '/r/F20' },
  { name: 'edit', path: '/r/F20/edit' },
  { name: 'history', path: '/r/T-001/history' },
  { name: 'trace', path: '/d/sorrel-p1/trace', shot: true },
  { name: 'sboms', path: '/d/sorrel-p1/sbom' },
  { name: 'sbom', path: '/d/sorrel-p1/sbom', follow: 'tbody th a', shot: true },
  { name: 'triage', path: '/findings', shot: true },
  { name: 'triage of several', path: '/findings?v=CVE-2022-0847&v=CVE-2023-4863' },
  { name: 'triage with a wrong filter', path: '/findings?q=colour%3Ared', status: 422 },
  { name: 'triage, read only', path: '/findings', who: 'nb-auditor' },
  { name: 'feeds', path: '/feeds', shot: true },
  { name: 'names in advisories', path: '/feeds/names' },
  { name: 'one vulnerability', path: '/cve/CVE-2023-38545', shot: true },
  { name: 'support horizon', path: '/sbom/SBM-0002/support' },
  { name: 'unknown vulnerability', path: '/cve/CVE-1999-99999', status: 404 },
  { name: 'gaps', path: '/d/sorrel-p1/gaps' },
  { name: 'rule', path: '/d/sorrel-p1/gaps', follow: 'tbody td.mono a' },
  { name: 'search', path: '/search?q=pump' },
  { name: 'search for nothing', path: '/search?q=' },
  { name: 'cockpit in the past', path: '/d/sorrel-p1?asof=2026-09-01' },
  { name: 'list in the past', path: '/list/threat?asof=2026-03-01' },
  { name: 'what changed', path: '/diff?from=2026-09-01&device=sorrel-p1', shot: true },
  { name: 'two revisions', path: '/diff?from=T-001@1' },
  { name: 'what was found in long titles', path: '/search?q=maven' },
  { name: 'nothing to compare', path: '/diff?from=nonsense', status: 404 },
  { name: 'new record', path: '/new/threat' },
  { name: 'not found', path: '/r/ZZZ-999', status: 404 },
  { name: 'faulty form', path: '/new/threat?product=sorrel-p1', status: 422, submit: '#edit footer button' },
  { name: 'log', path: '/log', who: 'nb-auditor' },
  { name: 'people', path: '/people', who: 'lena' },
  { name: 'duties', path: '/duties', who: 'lena' },
  { name: 'account', path: '/account' },
  { name: 'setup: company', path: '/setup/company', who: 'lena' },
  { name: 'setup: risk scales', path: '/setup/risk', who: 'lena', shot: true },
  { name: 'setup: feeds', path: '/setup/feeds' },
  { name: 'setup: people', path: '/setup/people', who: 'lena' },
  { name: 'documents', path: '/documents' },
  { name: 'document', path: '/document/SOP-12' },
  { name: 'competence', path: '/competence?state=overdue', who: 'lena' },
  { name: 'competence in the past', path: '/competence?asof=2026-08-01' },
  { name: 'not allowed', path: '/log', who: 'kofi', status: 403, optional: true },
];

// Goes to the page as a person would; answers the status.
async function reach(page, p) {
  let response = await page.goto(p.path);
  if (p.next) {
    const next = page.getByRole('link', { name: 'Next page' });
    if (await next.count()) await Promise.all([page.waitForURL(/after=/), next.click()]);
  }
  if (p.follow) [response] = await Promise.all([page.waitForNavigation(), page.locator(p.follow).first().click()]);
  if (p.submit) [response] = await Promise.all([page.waitForNavigation(), page.locator(p.submit).first().click()]);
  return response.status();
}

async function look(page, p, mode) {
  const label = `${p.name}, ${mode}`, wanted = p.status ?? 200;
  let status = 0;
  await check(`${label}: can be opened`, async () => {
    status = await reach(page, p);
    expect(status === wanted || (p.optional && status === 200), `status ${status}, expected ${wanted}`);
    expect((await page.title()).endsWith('Proofline'), 'the title does not name Proofline');
    expect(await page.locator('h1').count() === 1, 'not exactly one h1');
  });
  if (!status) return;
  if (mode === 'phone') {
    await check(`${label}: nothing is wider than the window`, async () => { const o = await overflow(page); expect(!o, o); });
  } else {
    await check(`${label}: axe`, async () => { const v = await axeViolations(page); expect(!v.length, '\n    ' + v.join('\n    ')); });
  }
  await check(`${label}: no complaint`, async () => { const c = await complaints(page, status); expect(!c.length, c.join('\n    ')); });
  if (p.shot || p.name === 'list') {
    const name = p.name.replaceAll(' ', '-') + (p.name === 'cockpit' || mode !== 'light' ? `-${mode}` : '');
    await page.screenshot({ path: `${shots}/${name}.png` });
  }
}

export async function allPages() {
  for (const mode of ['light', 'dark', 'phone']) {
    const window = new Map();
    for (const p of pages) {
      const who = p.who === undefined ? 'ines' : p.who;
      if (!window.has(who))
        window.set(who, await open({ state: who ? await stateOf(who) : undefined, dark: mode === 'dark', phone: mode === 'phone', axe: mode !== 'phone' }));
      await look(window.get(who), p, mode);
    }
    for (const page of window.values()) await page.context().close();
  }
}
