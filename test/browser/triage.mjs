// Triage with nothing but the keyboard: look, answer, decide, the next one; several at once; a refused form keeps what was typed.
import { readFileSync } from 'node:fs';
import { check, expect, open, complaints } from './harness.mjs';

const settled = (page, keys) => Promise.all([page.waitForNavigation(), page.keyboard.press(keys)]);
const queue = page => page.locator('[data-pick]').evaluateAll(all => all.map(one => one.value));

export async function triageByKeyboard(state) {
  const page = await open({ state });
  await check('triage: the worst stands first, with its way to the patient', async () => {
    await page.goto('/findings');
    expect((await queue(page))[0] === 'CVE-2022-0847', `first is ${(await queue(page))[0]}`);
    expect(await page.locator('.chainlist li').count() === 5, 'the way from element to harm is not shown');
    expect(await page.locator('.heat [aria-current]').count() === 1, 'no place on the matrix');
  });
  await check('triage: a refused decision keeps what was typed', async () => {
    await page.keyboard.press('2');
    await page.keyboard.press('r');
    await page.keyboard.type('The pipe code of this kernel is not used by anything');
    await settled(page, 'Control+Enter');
    expect((await page.locator('.alert').innerText()).includes('needs a justification'), 'no word of the missing justification');
    expect(await page.inputValue('#why') === 'The pipe code of this kernel is not used by anything', 'the reason is lost');
    expect(await page.isChecked('[name=status][value=not_affected]'), 'the status is lost');
  });
  await check('triage: decided by keys alone, and on to the next', async () => {
    await page.keyboard.press('r');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement.id) === 'justification', 'two stops before the reason is no justification');
    await page.keyboard.type('Code not in');
    await settled(page, 'Control+Enter');
    expect((await page.locator('.note.ok').innerText()).includes('then a second person does'), 'what was decided is not said');
    expect((await queue(page))[0] !== 'CVE-2022-0847', 'the decided one still stands first');
  });
  await check('triage: the second is decided in a breath', async () => {
    await page.keyboard.press('1');
    await page.keyboard.press('r');
    await page.keyboard.type('Everybody near can see that a pump is there');
    await settled(page, 'Control+Enter');
    expect(await page.locator('.queue h2').first().innerText().then(t => !t.includes('Needs a decision')), 'something still needs a decision');
  });
  await check('triage: several are chosen and opened together', async () => {
    await page.goto('/findings');
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    expect(await page.locator('[data-pick]:checked').count() === 2, 'x does not choose');
    await settled(page, 'o');
    expect((await page.locator('.pane .verdict').first().innerText()).includes('2 vulnerabilities together'), 'they are not shown together');
    expect((await page.locator('.pane .verdict').first().innerText()).includes('differ in'), 'it is not said in what they differ');
  });
  await check('triage: ten findings decided in a row, without a pointer', async () => {
    const sbom = JSON.parse(readFileSync(new URL('../../data/sorrel/sbom-comm-2.0.3.cdx.json', import.meta.url)));
    sbom.serialNumber = 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b83';
    await page.goto('/d/sorrel-p1/sbom');
    await page.setInputFiles('#sbom-file', { name: 'old.cdx.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(sbom)) });
    await page.selectOption('#sbom-rel', 'REL-194');
    await page.focus('#sbom-el');
    await page.keyboard.type('P3');
    await settled(page, 'Enter');
    await page.goto('/findings');
    const waiting = async () => (await page.locator('.queue h2').allInnerTexts()).map(t => t.match(/Needs a decision\D*(\d+)/)).filter(Boolean).map(m => +m[1])[0] ?? 0;
    const before = await waiting();
    expect(before >= 10, `only ${before} need a decision`);
    const seen = new Set();
    for (let i = 0; i < 10; i++) {
      seen.add(await page.locator('.pane a.tag.mono').first().innerText());
      for (const key of ['2', 'r']) await page.keyboard.press(key);
      await page.keyboard.type('Release 1.9.4 does not call the weak function');
      for (const key of ['Shift+Tab', 'Shift+Tab']) await page.keyboard.press(key);
      await page.keyboard.type('Code not in');
      await settled(page, 'Control+Enter');
      expect(await page.locator('.note.ok').count() === 1, `number ${i + 1} was not decided: ${await page.locator('.alert').allInnerTexts()} ${page.url()}`);
    }
    expect(seen.size === 10, `${seen.size} different findings were shown`);
    expect(await waiting() === before - 10, `${before} needed a decision, now ${await waiting()}`);
  });
  await check('triage: all that was decided is signed in one go, without a pointer', async () => {
    await settled(page, 'a');
    expect(await page.locator('main section h2 a.mono, main section header h2 a.mono').count() >= 10, 'not all of them are shown');
    await page.focus('#password');
    await page.keyboard.type('demo');
    await settled(page, 'Enter');
    await page.goto('/findings');
    expect(!(await page.locator('.queue').innerText()).includes('for your signature'), 'something still waits for this person');
  });
  await check('triage: on paper the finding stands alone', async () => {
    await page.emulateMedia({ media: 'print' });
    expect(!await page.locator('.queue').isVisible(), 'the queue is printed');
    await page.emulateMedia({ media: null });
  });
  await check('triage: no complaint', async () => { const c = (await complaints(page)).filter(t => !t.includes('422')); expect(!c.length, c.join('\n    ')); });
  await page.context().close();
}
