'use strict';
// Uses the page as people do, in a headless Chromium: logs in, declares, publishes, gets, purges, deletes, looks as somebody with few rights. Takes
// pictures, and has axe-core look at each view. Options: --url, --out (a directory for the pictures), --chromium, --queues, --user, --password,
// --files (the page's own files from there, for who works on them), --brief yes (what matters most) or corners (that, and corners.js).

const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { parse, check, run } = require('../checks');
const { corners } = require('./corners');

const options = {
  url: 'http://127.0.0.1:15672', out: 'page-pictures', chromium: '/usr/bin/chromium', queues: '10000', user: 'guest', password: 'guest',
  brief: 'no', ...parse(process.argv.slice(2), { url: 0, out: 0, chromium: 0, queues: 0, user: 0, password: 0, files: 0, brief: 0 }),
};
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** A name that is markup, leaves its segment, turns the direction and can't be seen. */
const NASTY = 'a/b "c" <script>alert(1)</script> &amp; \u05e9\u05dc\u05d5\u05dd \u202eevil %2F';
const PHONE = { width: 320, height: 640 };
const DESKTOP = { width: 1280, height: 800 };
const LIMITED = 'page-check-limited';
const OTHER = 'page-check';
const MOVED = 'page-check-moved';
const TRACED = 'page-check-traced';
const PARAMETER = 'page-check-parameter';
const VIEWS = ['', 'cluster', 'advice', 'confirms', 'queues', 'exchanges', 'connections', 'channels', 'schedules', 'policies', 'vhosts', 'users', 'limits', 'parameters', 'definitions',
  'audit', 'log', 'health'];

const troubles = [];
const foreign = [];

async function api(method, where, body) {
  const basic = Buffer.from(`${options.user}:${options.password}`).toString('base64');
  const answer = await fetch(options.url + where, {
    method, headers: { authorization: `Basic ${basic}` }, body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok && !(method === 'DELETE' && answer.status === 404)) throw new Error(`${method} ${where}: ${answer.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : null;
}

/** A browser of its own cookies. What the page complains of in the console is a failure. */
async function browserOf(browser, settings = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...settings });
  if (options.files) {
    await context.route(/\/page\/[a-z]+\.(js|css)$/, (route) => {
      const file = path.join(options.files, path.basename(new URL(route.request().url()).pathname));
      return fs.existsSync(file) ? route.fulfill({ path: file }) : route.continue();
    });
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    // That an answer was 401, 403 or 404 is what some of this is about.
    if (message.type() === 'error' && !/status of (401|403|404|405|503)/.test(message.text())) troubles.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(options.url) && !/^(blob|data):/.test(request.url())) foreign.push(request.url());
  });
  page.on('dialog', (dialog) => {
    troubles.push(`the browser asked: ${dialog.message()}`);
    dialog.dismiss();
  });
  return page;
}

async function login(page, user, password) {
  await page.goto(options.url + '/');
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

async function go(page, view) {
  await page.evaluate((hash) => { location.hash = hash; }, '#/' + view);
  await settled(page);
}

/** The view has its first answers. */
async function settled(page) {
  await page.evaluate(() => { document.getElementById('updated').textContent = ''; });
  await page.waitForFunction(() => document.getElementById('updated').textContent !== '', null, { timeout: 30000 });
}

async function picture(page, name) {
  await page.screenshot({ path: path.join(options.out, name + '.png'), fullPage: true });
}

async function axe(page, where) {
  // The page's policy lets no script in that is not its own: this one comes by the debugger.
  const found = await page.evaluate(`(() => { const module = undefined; ${AXE}; return axe.run(document); })()`);
  if (found.passes.length < 5) throw new Error('axe-core looked at nothing');
  return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) =>
    `${where}: ${v.id} (${v.nodes.length}) ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
}

async function logsIn(page) {
  await login(page, options.user, 'wrong');
  await page.getByText('Login failed').waitFor();
  check('a wrong password is refused in the form', true, await page.locator('.problem:visible').textContent());
  await picture(page, 'login');
  const flaws = await axe(page, 'login');
  await page.getByLabel('Password').fill(options.password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  const cookies = await page.context().cookies();
  check('the session is a cookie that scripts do not see', cookies.length === 1 && cookies[0].httpOnly && cookies[0].sameSite === 'Strict'
    && await page.evaluate(() => document.cookie === ''), cookies.map((c) => c.name).join());
  await page.reload();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  check('a page that is loaded again is still logged in', true, 'yes');
  return flaws;
}

const toast = (page, text) => page.locator('#toast', { hasText: text }).waitFor();

async function usesAQueue(page) {
  await go(page, 'queues');
  await page.getByRole('button', { name: 'Declare' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  // Not by its role: one that is closed has none, and is taken away a moment later.
  await page.locator('dialog').waitFor({ state: 'detached' });
  // The browser gives the focus back a moment after the dialog is gone.
  const back = await page.waitForFunction(() => document.activeElement.textContent === 'Declare').then(() => true, () => false);
  check('a dialog closes on Esc, and the focus is where it was', await page.locator('dialog').count() === 0 && back,
    await page.evaluate(() => document.activeElement.textContent));
  await page.getByRole('button', { name: 'Declare' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(NASTY);
  await dialog.getByLabel('Type').selectOption('quorum');
  await dialog.getByRole('button', { name: 'Declare' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await settled(page);
  const title = await page.getByRole('heading', { level: 1 }).textContent();
  check('a queue is declared, whatever its name', title.includes('<script>') && title.includes('U+202E') && !title.includes('\u202e'), title);

  await page.getByText('Publish a message').click();
  await page.getByLabel('Payload', { exact: true }).fill('one <b>tally</b> stick');
  await page.getByRole('button', { name: 'Publish' }).click();
  await toast(page, 'confirmed by a majority');
  check('a message is published', true, await page.locator('#toast').textContent());
  await page.getByText('Get messages').click();
  await page.getByRole('button', { name: 'Get', exact: true }).click();
  const payload = await page.locator('article.message pre').first().textContent();
  check('it is got, and stays', payload === 'one <b>tally</b> stick', payload);
  await settled(page);
  await picture(page, 'queue');
  const flaws = await axe(page, 'queue');
  if (await page.getByText('Look at messages where they are').count()) {
    await page.getByText('Look at messages where they are').click();
    await page.getByRole('button', { name: 'Look', exact: true }).click();
    await page.getByText('1 message; 1 message looked at').waitFor();
    check('it is looked at where it is', true, 'yes');
    await picture(page, 'looked-at');
    flaws.push(...await axe(page, 'looked at'));
  }
  if (await page.getByText('Move messages').count()) {
    await api('PUT', '/api/queues/%2F/' + MOVED, {});
    await page.getByText('Move messages').click();
    await page.getByLabel('To the queue').fill(MOVED);
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
    await page.getByText('1 message moved').waitFor();
    check('it is moved to another queue', (await api('GET', '/api/queues/%2F/' + MOVED)).messages === 1, MOVED);
  }

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await toast(page, 'is paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await toast(page, 'goes on');
  await page.getByRole('button', { name: 'Purge' }).click();
  await picture(page, 'dialog');
  flaws.push(...await axe(page, 'dialog'));
  await page.getByRole('dialog').getByRole('button', { name: 'Purge' }).click();
  await toast(page, 'is purged');
  const row = await api('GET', '/api/queues/%2F/' + encodeURIComponent(NASTY));
  check('the queue is purged', row.messages === 0, row.messages);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await toast(page, 'is deleted');
  check('the queue is deleted', true, await page.evaluate(() => location.hash));
  return flaws;
}

async function makesARouting() {
  const vhost = '/api/vhosts/' + OTHER;
  await api('PUT', vhost, {});
  await api('PUT', `/api/permissions/${OTHER}/${options.user}`, { configure: '.*', write: '.*', read: '.*' });
  await api('PUT', `/api/exchanges/${OTHER}/orders`, { type: 'topic' });
  await api('PUT', `/api/exchanges/${OTHER}/archive`, { type: 'fanout' });
  for (const queue of ['invoices', 'mails', 'everything']) await api('PUT', `/api/queues/${OTHER}/${queue}`, {});
  for (const [from, kind, to, key] of [['orders', 'q', 'invoices', 'order.*.paid'], ['orders', 'q', 'mails', 'order.#'],
    ['orders', 'e', 'archive', '#'], ['archive', 'q', 'everything', '']]) {
    await api('POST', `/api/bindings/${OTHER}/e/${from}/${kind}/${to}`, { routing_key: key });
  }
}

async function drawsARouting(page) {
  await go(page, `exchange/${OTHER}/orders`);
  const boxes = await page.locator('.routing .box').count();
  const ways = await page.locator('.routing .way').count();
  check('the routing is drawn, through other exchanges, too', boxes === 5 && ways === 4, `${boxes} boxes, ${ways} ways`);
  const flaws = await axe(page, 'exchange');
  const tries = page.getByText('Try what a message would reach');
  if (await tries.count()) {
    await tries.click();
    const part = page.locator('details', { has: tries });
    await part.getByLabel('Routing key').fill('order.7.new');
    await part.getByRole('button', { name: 'Try' }).click();
    await page.locator('.box.reached').first().waitFor();
    const reached = await page.locator('.box.reached').count();
    check('a dry run shows what a message reaches', reached === 2, reached);
  }
  await picture(page, 'exchange');
  return flaws;
}

async function sees(browser) {
  await api('PUT', `/api/users/${LIMITED}`, { password: LIMITED, tags: 'management' });
  await api('PUT', `/api/permissions/${OTHER}/${LIMITED}`, { configure: '', write: '', read: '^mails$' });
  await api('PUT', '/api/queues/%2F/page-check-not-his', {});
  const page = await browserOf(browser);
  await login(page, LIMITED, LIMITED);
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await settled(page);
  const menu = (await page.locator('#menu a').allTextContents()).join(' ');
  check('a user with few rights is not shown what he may not see', !/Cluster|Users|Audit|Health|Definitions|Policies/.test(menu), menu);
  check('and nothing fails', !await page.locator('#banner').isVisible(), await page.locator('#banner').textContent());
  await picture(page, 'few-rights');
  const flaws = await axe(page, 'overview with few rights');
  await go(page, 'queues');
  const names = (await page.locator('tbody th').allTextContents()).join();
  check('he sees only his queues', names.includes('mails') && !names.includes('not-his'), names);
  await go(page, `queue/${OTHER}/mails`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.locator('#toast.bad').waitFor();
  check('what he may not do is refused with a reason', true, await page.locator('#toast').textContent());
  for (const view of ['cluster', 'users']) {
    await page.evaluate((hash) => { location.hash = hash; }, '#/' + view);
    await page.getByText('Not for this user').waitFor();
  }
  await api('PUT', `/api/users/${LIMITED}`, { password: 'another', tags: 'management' });
  await page.getByText('The session has ended').waitFor();
  check('a new password ends his session', true, 'yes');
  await page.context().close();
  return flaws;
}

async function manyQueues(page) {
  const n = Number(options.queues);
  const queues = Array.from({ length: n }, (_, i) =>
    ({ name: `q${String(i).padStart(5, '0')}`, vhost: OTHER, durable: true, auto_delete: false, arguments: {} }));
  await api('POST', '/api/definitions', { queues });
  const began = Date.now();
  await go(page, 'queues');
  await page.getByRole('button', { name: 'Total', exact: true }).click();
  await page.locator('th[aria-sort=descending]', { hasText: 'Total' }).waitFor();
  await settled(page);
  const status = await page.locator('.pager [role=status]').textContent();
  check(`a list of ${n} queues is sorted, a page at a time`, Number(status.split(' ')[0].replaceAll(',', '')) >= n, `${status}, ${Date.now() - began} ms`);
  await picture(page, 'queues');
  await page.getByRole('searchbox').fill('q0001');
  await page.locator('.pager [role=status]').getByText('10', { exact: true }).waitFor();
  check('and filtered', true, await page.locator('.pager [role=status]').textContent());
  await page.getByLabel('Choose all of this page').check();
  await page.locator('.tools').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('10');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('10 done').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.getByText('None has this in its name').waitFor();
  check('chosen ones are deleted together', true, '10 done');
}

async function everyView(page, prefix, flaws, narrow) {
  const wide = [];
  for (const view of VIEWS) {
    await go(page, view);
    await picture(page, `${prefix}-${view || 'overview'}`);
    flaws.push(...await axe(page, `${prefix} ${view || 'overview'}`));
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > narrow) wide.push(`${view || 'overview'}: ${width}`);
  }
  check(`no view is wider than the window (${prefix})`, wide.length === 0, wide.join() || 'none');
}

/** By keyboard alone: Tab goes from field to field, Enter publishes. */
async function tracesAMessage(page) {
  await api('PUT', '/api/queues/%2F/' + TRACED, {});
  await go(page, 'confirms');
  await page.getByLabel('Exchange', { exact: true }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.type(TRACED);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const own = page.locator('article.waterfall', { hasText: 'What became of it' }).first();
  await own.waitFor();
  const phases = (await own.locator('tbody th').allTextContents()).join(' ');
  check('a message is traced by keyboard, and its phases are shown', /gather journey apply write/.test(phases) && /queue replicate flush/.test(phases), phases);
  const queues = await own.locator('dl').textContent();
  check('with its queue, and what became of it', queues.includes(TRACED) && queues.includes('confirmed'), queues);
  const nodes = (await api('GET', '/api/cluster')).members.length;
  const disks = await own.getByRole('region', { name: 'Flushes' }).locator('tbody tr').count();
  check('and when it was on which disk', disks === nodes, `${disks} of ${nodes}`);
  await page.getByRole('region', { name: 'Traced messages' }).getByRole('button').first().focus();
  await page.keyboard.press('Enter');
  check('one of the list is opened, and has the focus', await page.evaluate(() => document.activeElement.textContent.startsWith('Message at')),
    await page.evaluate(() => document.activeElement.textContent));
  await settled(page);
  const measured = await page.locator('.waterfalls article').count();
  const bars = await page.locator('.waterfalls .bar-of-time').count();
  const lost = (await page.locator('main').textContent()).includes('[object');
  check('the anatomy of every node is drawn', measured === nodes && bars >= 7 && !lost, `${measured} of ${nodes}, ${bars} bars`);
  await picture(page, 'traced');
  const flaws = await axe(page, 'traced');
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await picture(page, 'traced-phone-dark');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check('a trace fits a phone', width <= PHONE.width, width);
  flaws.push(...await axe(page, 'traced on a phone, dark'));
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(DESKTOP);
  return flaws;
}

async function keepsParameters(page) {
  await go(page, 'parameters');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(PARAMETER);
  await dialog.getByLabel('Value (JSON)').fill('{"a": ');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.getByText('this is not JSON').waitFor();
  await dialog.getByLabel('Value (JSON)').fill('{"a": [1, "<b>"]}');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('button', { name: 'Change ' + PARAMETER }).click();
  await dialog.getByLabel('Value (JSON)').fill('"other"');
  await dialog.getByRole('button', { name: 'Change' }).click();
  await page.locator('code.value', { hasText: '"other"' }).waitFor();
  const now = await api('GET', '/api/global-parameters/' + PARAMETER);
  check('a global parameter is added and changed', now.value === 'other', JSON.stringify(now));
  await page.getByRole('button', { name: 'Delete ' + PARAMETER }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await toast(page, 'The parameter is deleted');
  check('and deleted', !(await api('GET', '/api/global-parameters')).some((p) => p.name === PARAMETER), 'yes');
}

async function readsTheLog(page) {
  await go(page, 'log');
  await page.locator('.log li').first().waitFor();
  const all = await page.locator('.log li').count();
  await page.getByLabel('From the level').selectOption('error');
  await settled(page);
  const errors = await page.locator('.log li').count();
  check('the log is shown, by level', all > 0 && errors < all, `${all} lines, ${errors} of them errors`);
}

async function handsOver(page) {
  await go(page, 'cluster');
  const others = page.getByRole('button', { name: /^Make .* the leader$/ });
  if (await others.count() === 0) return;
  const next = (await others.first().textContent()).split(' ')[1];
  await others.first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make it the leader' }).click();
  await toast(page, `${next} leads`);
  await page.getByText(`Leader: ${next}`).waitFor();
  check('leadership is handed over', true, next);
}

async function byKeyboard(page) {
  await go(page, '');
  await page.reload();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('Enter');
  const main = await page.evaluate(() => document.activeElement.id);
  check('the first thing the keyboard reaches leads to the content', first.startsWith('Skip') && main === 'main', `${first}: ${main}`);
}

/** What a build looks at, beside a queue: who has no rights sees only his, a message's way through all nodes, another leader. */
async function whatMattersMost(browser, page, flaws) {
  await makesARouting();
  flaws.push(...await sees(browser), ...await tracesAMessage(page));
  await handsOver(page);
}

async function everything(browser, page, flaws) {
  await makesARouting();
  flaws.push(...await drawsARouting(page), ...await sees(browser));
  flaws.push(...await tracesAMessage(page));
  await keepsParameters(page);
  await readsTheLog(page);
  await handsOver(page);
  await byKeyboard(page);
  await everyView(page, 'desktop', flaws, DESKTOP.width);
  await page.setViewportSize(PHONE);
  await everyView(page, 'phone', flaws, PHONE.width);
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await everyView(page, 'dark', flaws, DESKTOP.width);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  if (Number(options.queues) > 0) await manyQueues(page);
}

async function main() {
  fs.mkdirSync(options.out, { recursive: true });
  const browser = await chromium.launch({
    executablePath: options.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await browserOf(browser);
    const flaws = await logsIn(page);
    flaws.push(...await usesAQueue(page));
    if (options.brief === 'no') await everything(browser, page, flaws);
    if (options.brief === 'yes') await whatMattersMost(browser, page, flaws);
    if (options.brief !== 'yes') await corners(page, { api, go, settled, picture, user: options.user });
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    check('logging out ends the session', (await page.context().cookies()).length === 0, 'no cookie');
    check('axe-core finds nothing serious', flaws.length === 0, flaws.length ? '\n  ' + flaws.join('\n  ') : 'nothing');
    check('the page complains of nothing in the console', troubles.length === 0, troubles.join('\n  ') || 'nothing');
    check('nothing is fetched from elsewhere', foreign.length === 0, foreign.join() || 'nothing');
  } finally {
    await browser.close();
    for (const gone of [`/api/vhosts/${OTHER}`, `/api/users/${LIMITED}`, '/api/queues/%2F/page-check-not-his', '/api/queues/%2F/' + MOVED, '/api/queues/%2F/' + TRACED,
      '/api/global-parameters/' + PARAMETER]) {
      await api('DELETE', gone);
    }
  }
}

run(main);
