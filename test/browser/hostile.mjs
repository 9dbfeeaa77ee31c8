// Texts that attack pages, typed into a record by hand and shown on every page that shows it: no script runs, no request leaves.
import { check, expect, open, complaints } from './harness.mjs';

const texts = [
  '<script>window.pwned=1</script>', '"><img src=x onerror="window.pwned=1">', '<svg/onload=window.pwned=1>', "';window.pwned=1//",
  '</textarea><script>window.pwned=1</script>', '</title><script>window.pwned=1</script>', '<iframe srcdoc="<script>parent.pwned=1</script>">',
  '[x](javascript:window.pwned=1)', '<a href="data:text/html,<script>1</script>">x</a>', '<math><mtext></p><style><img src onerror=window.pwned=1>',
  '{{constructor.constructor("window.pwned=1")()}}', '\u202e<b onmouseover=window.pwned=1>x', '../../x', '<base href="//evil.example/">',
];

export async function hostile(state) {
  const page = await open({ state });
  const said = [], foreign = [];
  page.on('dialog', d => { said.push(d.message()); return d.dismiss(); });
  await check('hostile: typed into every field, shown on every page, run on none', async () => {
    await page.goto('/new/user_need');
    const own = new URL(page.url()).origin;
    page.on('request', r => { if (r.url().startsWith('http') && !r.url().startsWith(own)) foreign.push(r.url()); });
    const area = page.locator('#edit textarea, #edit input[type=text], #edit input:not([type])');
    for (let i = 0; i < await area.count(); i++) {
      const field = area.nth(i);
      if (await field.isEditable() && await field.isVisible() && await field.getAttribute('name') !== 'products')
        await field.fill(texts.slice(i % 3).join(' ').slice(0, 480)).catch(() => {});
    }
    await page.fill('[name=title]', texts.slice(0, 3).join(' '));
    await page.locator('#edit footer button').click();
    await page.waitForLoadState();
    const at = new URL(page.url()).pathname;
    const where = at.startsWith('/r/') ? [at, `${at}/edit`, `${at}/history`, `/diff?from=${at.slice(3)}@1`] : [];
    expect(where.length, `the record was not taken: ${(await page.locator('main').innerText()).slice(0, 300)}`);
    for (const path of [...where, '/list/user_need', '/search?q=pwned', `/search?q=${encodeURIComponent(texts[1])}`, '/work']) {
      await page.goto(path);
      expect(!await page.evaluate(() => window.pwned), `${path}: a script ran`);
      expect((await complaints(page, 422)).length === 0, `${path}: the browser complains`);
    }
    expect(!said.length && !foreign.length, `dialogs ${said}, requests ${foreign}`);
  });
  await page.context().close();
}
