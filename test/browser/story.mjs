// The sample company in Chromium: every page, then what people do there with mouse, keyboard, paper and without scripts.
// node story.mjs ADDRESS SHOTS CHROMIUM (run.py starts it)
import { check, expect, launch, close, finish, open, signIn, stateOf, complaints } from './harness.mjs';
import { allPages } from './pages.mjs';
import { hostile } from './hostile.mjs';
import { triageByKeyboard } from './triage.mjs';

const cockpit = '/d/sorrel-p1', missing = 'crosses a trust boundary and has no value for authentication';
const gapOf = (page, id) => page.locator('#blocking tbody tr').filter({ hasText: id }).filter({ hasText: missing });
let ines;

// From the cockpit to the gap's record, the missing value with a reason, the checks again: the gap is gone and kept.
async function closeGap() {
  const page = await open({ state: ines });
  await check('story: the cockpit shows the gap of F20', async () => {
    await page.goto(cockpit);
    expect(await gapOf(page, 'F20').count() === 1, 'no row of F20 among what is missing');
  });
  await check('story: the gap leads to its record', async () => {
    await gapOf(page, 'F20').getByRole('link', { name: 'F20', exact: true }).first().click();
    await page.waitForURL('**/r/F20');
    expect((await page.locator('main').innerText()).includes('What the checks miss here'), 'the record does not name the gap');
  });
  await check('story: editing asks for a reason and saves', async () => {
    await page.locator('header.head a[href$="/edit"]').click();
    await page.fill('[name=authentication]', 'Mutual TLS with certificates of our own authority; the image itself is signed');
    await page.fill('[name=reason]', 'The way in was built but never written down');
    await page.locator('#edit footer button').click();
    await page.waitForURL('**/r/F20');
    expect((await page.locator('main').innerText()).includes('Mutual TLS with certificates'), 'the new value is not shown');
  });
  await check('story: history keeps who, what and why', async () => {
    await page.goto('/r/F20/history');
    const text = await page.locator('main').innerText();
    expect(text.includes('never written down'), 'the reason is not in the history');
    expect(text.includes('Mutual TLS'), 'the change is not in the history');
  });
  await check('story: the checks run again from the cockpit', async () => {
    await page.goto(cockpit);
    await page.getByRole('button', { name: /check/i }).first().click();
    await page.waitForLoadState();
    expect(await gapOf(page, 'F20').count() === 0, 'the gap of F20 is still among what is missing');
  });
  await check('story: the gap is kept among the closed ones', async () => {
    await page.goto(`${cockpit}/gaps`);
    const closed = page.locator('section[aria-labelledby=c-h] tbody tr').filter({ hasText: 'F20' }).filter({ hasText: missing });
    expect(await closed.count() === 1, 'no closed gap of F20');
  });
  await check('story: no complaint', async () => { const c = await complaints(page); expect(!c.length, c.join('\n    ')); });
  await page.context().close();
}

async function staleEdit() {
  const first = await open({ state: ines }), second = await open({ state: await stateOf('ines') });
  await check('story: who edits an old revision loses nothing and overwrites nothing', async () => {
    await first.goto('/r/F20/edit');
    await second.goto('/r/F20/edit');
    for (const [page, text] of [[first, 'AES-GCM inside TLS 1.3'], [second, 'written by the second']]) {
      await page.fill('[name=encryption]', text);
      if (await page.locator('[name=reason]').count()) await page.fill('[name=reason]', 'Two people at the same time');
      await Promise.all([page.waitForNavigation(), page.locator('#edit footer button').click()]);
    }
    expect(await second.inputValue('[name=encryption]') === 'written by the second', 'what the second person typed is lost');
    await first.goto('/r/F20');
    expect((await first.locator('main').innerText()).includes('AES-GCM inside TLS 1.3'), 'what the first person saved is gone');
  });
  await first.context().close();
  await second.context().close();
}

async function keyboard() {
  const page = await open({ state: ines });
  const focused = () => page.evaluate(() => {
    const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
    return { id: e.id, text: e.textContent.trim(), cls: e.className, row: e.closest('tr')?.id ?? '', outline: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0,
             seen: box.width > 1 && box.height > 1 && box.left >= 0 && box.top >= 0 };
  });
  await check('keyboard: the first stop skips to the content', async () => {
    await page.goto('/list/threat');
    await page.keyboard.press('Tab');
    const f = await focused();
    expect(f.cls.includes('skip') && f.seen, `first stop is "${f.text}", visible: ${f.seen}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#main$/);
    expect((await focused()).id === 'main', 'the content does not take the focus');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), 'the next stop is not in the content');
  });
  await check('keyboard: / goes to the filter or the search field', async () => {
    await page.goto('/list/threat');
    await page.keyboard.press('/');
    expect(['q', 'jump'].includes((await focused()).id), 'no search field has the focus');
    await page.goto('/r/T-001');
    await page.keyboard.press('/');
    expect((await focused()).id === 'jump', 'the jump field has no focus');
    await page.keyboard.type('SEC-001');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/r/SEC-001');
  });
  await check('keyboard: j and k walk the rows', async () => {
    await page.goto('/list/threat');
    const rows = await page.locator('tbody tr[id]').evaluateAll(all => all.map(r => r.id));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect((await focused()).row === rows[1], `after j j: ${(await focused()).row}, expected ${rows[1]}`);
    await page.keyboard.press('k');
    expect((await focused()).row === rows[0], `after k: ${(await focused()).row}, expected ${rows[0]}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/r/${rows[0]}`);
  });
  await check('keyboard: the focus can be seen on every stop', async () => {
    await page.goto(cockpit);
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab');
      const f = await focused();
      expect(f.outline, `stop ${i + 1} "${f.text.slice(0, 40)}" (${f.cls}) shows no outline`);
    }
  });
  await page.context().close();
}

async function paper() {
  const page = await open({ state: ines });
  for (const [name, path] of [['trace', `${cockpit}/trace`], ['record', '/r/T-001']])
    await check(`paper: ${name} has a header line and no navigation`, async () => {
      await page.goto(path);
      await page.emulateMedia({ media: 'print' });
      const line = page.locator('.print-only').first();
      expect(await line.isVisible(), 'the header line is not printed');
      const text = await line.innerText();
      expect(text.includes('Halden Medical Devices'), `the header line does not name the company: ${text}`);
      expect(/Printed \d{4}-\d\d-\d\d/.test(text) && text.includes('Uncontrolled copy'), `the header line says: ${text}`);
      expect(!await page.locator('nav.side').isVisible(), 'the navigation is printed');
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString() === '%PDF-', 'no PDF');
      await page.emulateMedia({ media: 'screen' });
    });
  await page.context().close();
}

async function withoutScripts() {
  const page = await signIn('ines', { script: false });
  for (const path of [cockpit, '/devices', '/list/threat', '/r/T-001', '/r/T-001/history', `${cockpit}/trace`, `${cockpit}/sbom`, `${cockpit}/gaps`])
    await check(`without scripts: ${path} can be read`, async () => {
      const response = await page.goto(path);
      expect(response.status() === 200, `status ${response.status()}`);
      expect((await page.locator('main').innerText()).length > 60, 'the page is empty');
    });
  await check('without scripts: a list can be filtered', async () => {
    await page.goto('/list/threat');
    await page.fill('#q', 'stride:tampering');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/q=stride/);
    expect(await page.locator('tbody tr').count() > 0, 'no row');
  });
  await check('without scripts: a record can be edited', async () => {
    await page.goto('/r/F21/edit');
    await page.fill('[name=channel]', 'TLS 1.3 over the hospital network');
    if (await page.locator('[name=reason]').count()) await page.fill('[name=reason]', 'The channel was never written down');
    await page.locator('#edit footer button').click();
    await page.waitForURL('**/r/F21');
    expect((await page.locator('main').innerText()).includes('TLS 1.3 over the hospital network'), 'the new value is not shown');
  });
  await check('without scripts: signing out', async () => {
    await page.locator('form[action="/sign-out"] button').click();
    await page.waitForURL('**/sign-in');
    const response = await page.goto(cockpit);
    expect(response.url().includes('/sign-in'), 'the cockpit can still be read');
  });
  await page.context().close();
}

async function rights() {
  const page = await open({ state: await stateOf('nb-auditor') });
  await check('rights: who may only read is offered no change', async () => {
    await page.goto('/r/T-001');
    expect(await page.locator('header.head a[href$="/edit"]').count() === 0, 'there is an edit button');
    expect(await page.locator('main form[method=post]:not([action$="/comment"])').count() === 0, 'there is a form that changes something, comments apart');
    await page.goto('/list/threat');
    expect(await page.locator('a[href^="/new/"]').count() === 0, 'there is a button for a new record');
  });
  await page.context().close();
  const nobody = await open();
  await check('rights: a wrong password says so and keeps the login', async () => {
    await nobody.goto('/sign-in');
    await nobody.fill('#login', 'ines');
    await nobody.fill('#password', 'wrong');
    await nobody.click('main button');
    await nobody.waitForSelector('[role=alert]');
    expect(await nobody.inputValue('#login') === 'ines', 'the login is gone');
  });
  await nobody.context().close();
}

async function back() {
  const page = await open({ state: ines });
  await check('back: a filter can be taken back, and a jump within the page loads nothing', async () => {
    await page.goto('/list/threat');
    await page.fill('#q', 'stride:tampering');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=stride/);
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('#q')?.value === '');
    await page.goto(cockpit);
    await page.evaluate(() => { window.stillHere = true; });
    await page.locator('.verdict a[href="#blocking"]').click();
    await page.waitForURL(/#blocking$/);
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => window.stillHere), 'the page was loaded again');
  });
  await page.context().close();
}

async function theme() {
  const page = await open({ state: ines });
  await check('theme: the button switches and the server remembers', async () => {
    await page.goto(cockpit);
    await page.click('[data-theme-toggle]');
    expect(await page.getAttribute('html', 'data-theme') === 'dark', 'not dark after the click');
    await page.reload();
    expect(await page.getAttribute('html', 'data-theme') === 'dark', 'not dark after a reload');
  });
  await page.context().close();
}

async function telephone() {
  const page = await open({ state: ines, phone: true, script: false });
  await check('telephone: the menu opens and leads on without scripts', async () => {
    await page.goto(cockpit);
    expect(!await page.isVisible('#nav'), 'the menu covers the page');
    await page.click('a[href="#nav"]');
    await page.click('#nav a[href="/documents"]');
    await page.waitForURL(/documents$/);
    expect(!await page.isVisible('#nav'), 'the menu stays');
  });
  await page.context().close();
}

await launch();
ines = await stateOf('ines');
await allPages();
await closeGap();
await staleEdit();
await keyboard();
await triageByKeyboard(ines);
await paper();
await withoutScripts();
await rights();
await back();
await theme();
await telephone();
await hostile(ines);
await close();
finish();
