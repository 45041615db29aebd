'use strict';
// What the page has to get right where it is easily wrong: dialogs that close early, names that are no part of an address, focus that stays, charts and
// timers that end, questions before what takes away.

const { check } = require('../checks');

const WIDE = 'page-check-wide';
const USER = 'page-check-other';
const BULK = 20;

/** A promise that is kept from outside. */
function gate() {
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  return { opened, open };
}

const at = (...names) => names.map(encodeURIComponent).join('/');
const exchange = (name) => `exchange/${at(WIDE, name)}`;

/** A virtual host with more bindings than anybody reads at once, and a user. */
async function prepare({ api, user }) {
  await api('PUT', '/api/vhosts/' + WIDE, {});
  await api('PUT', `/api/permissions/${WIDE}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  await api('PUT', '/api/users/' + USER, { password: USER, tags: '' });
  await api('PUT', `/api/permissions/${WIDE}/${USER}`, { configure: '', write: '', read: '.*' });
  const names = [...Array.from({ length: 2100 }, (_, i) => `w${String(i).padStart(4, '0')}`), '.', 'contents'];
  const queues = names.map((name) => ({ name, vhost: WIDE, durable: true, auto_delete: false, arguments: {} }));
  const chain = ['c1', 'c2', 'c3', 'c4', 'c5', 'c1'];
  const exchanges = ['first', 'second', 'alone', ...chain.slice(0, 5)].map((name) =>
    ({ name, vhost: WIDE, type: 'fanout', durable: true, auto_delete: false, internal: false, arguments: {} }));
  const bind = (source, destination, kind) =>
    ({ source, vhost: WIDE, destination, destination_type: kind, routing_key: '', arguments: {} });
  await api('POST', '/api/definitions', { queues, exchanges, bindings: [bind('first', 'w0000', 'queue'), bind('first', 'second', 'exchange'),
    ...names.slice(0, 600).map((name) => bind('second', name, 'queue')),
    ...chain.slice(1).map((name, i) => bind(chain[i], name, 'exchange'))] });
}

async function drawsAmongMany(page, { go, picture }) {
  await go(page, exchange('first'));
  const boxes = await page.locator('.routing .box').count();
  const caption = await page.locator('.routing figcaption').textContent();
  check('an exchange among thousands of bindings is drawn, and what is not drawn is told', boxes === 41 && /not complete.*561 more bindings/.test(caption),
    `${boxes} boxes, ${caption}`);
  await picture(page, 'exchange-wide');
  await go(page, exchange('second'));
  const rest = await page.getByText('The first 100 of 600.').count();
  check('and the number of its bindings', rest === 1, rest);
  await go(page, exchange('c1'));
  const steps = await page.locator('.routing .box').count();
  const end = await page.locator('.routing figcaption').textContent();
  check('a chain of exchanges, which ends where it began, is drawn some steps far', steps === 5 && end.includes('what 1 exchange further on leads to'), `${steps} boxes, ${end}`);
  await go(page, exchange('alone'));
  check('one without bindings says so', await page.getByText('Nothing is bound to it').count() === 1, await page.locator('.empty').first().textContent());
}

async function tellsWhatWouldBeRefused(page, { go }) {
  await page.route(/dry_run=1/, (route) => route.fulfill({ json: { routed: false, refused: 'it is full', queues: [], others: [] } }));
  await go(page, exchange('first'));
  await page.getByText('Try what a message would reach').click();
  await page.getByRole('button', { name: 'Try' }).click();
  await page.getByText('reaches no queue').waitFor();
  const said = await page.locator('.prose', { hasText: 'reaches no queue' }).textContent();
  check('a dry run tells what would be refused', said.includes('It would be refused: it is full'), said);
}

/** Deletes all queues of a list's page. */
async function deleteAll(page) {
  await page.getByLabel('Choose all of this page').check();
  await page.locator('.tools').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill(String(BULK));
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
}

/** Esc closes the dialog of a bulk delete while the first requests are on their way. */
async function stopsWithTheDialog(page, { go, api }) {
  const held = gate();
  let asked = 0;
  const where = /\/api\/queues\/page-check-wide\/w/;
  await page.route(where, async (route) => {
    if (route.request().method() !== 'DELETE') return route.continue();
    asked++;
    await held.opened;
    return route.request().url().endsWith('w0003') ? route.fulfill({ status: 403, body: '{"reason": "not this one"}' }) : route.continue();
  });
  await go(page, `queues?vhost=${WIDE}&name=w00&sort=name&size=${BULK}`);
  await deleteAll(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  held.open();
  await page.locator('#toast', { hasText: 'not begun' }).waitFor();
  const said = await page.locator('#toast').textContent();
  check('a bulk delete stops with its dialog, and what was done is told', asked < BULK && said.includes('not this one'), `${asked} asked for; ${said}`);
  await page.locator('.tools', { hasText: `${BULK - asked + 1} chosen` }).waitFor();
  check('what was refused or not begun stays chosen', (await api('GET', `/api/queues/${WIDE}/w0003`)).name === 'w0003', await page.locator('.tools strong').textContent());
}

/** The session ends while work goes on: the cookie is still there, so a page that is loaded again goes on. */
async function stopsWithTheSession(page, { go }) {
  let asked = 0;
  await page.route(/\/api\/queues\/page-check-wide\/w/, (route) => {
    if (route.request().method() !== 'DELETE') return route.continue();
    asked++;
    return route.fulfill({ status: 401, body: '{"reason": "log in"}' });
  });
  await go(page, `queues?vhost=${WIDE}&name=w01&sort=name&size=${BULK}`);
  await deleteAll(page);
  await page.getByText('The session has ended').waitFor();
  const said = page.locator('#toast', { hasText: 'not begun' });
  await said.waitFor();
  check('and with the session', asked < BULK && await page.getByRole('dialog').count() === 0, `${asked} asked for; ${await said.textContent()}`);
}

async function refusesDots(page, { go, api }) {
  await go(page, `queues?vhost=${WIDE}&name=${encodeURIComponent('^\\.$')}&regex=true`);
  await page.getByLabel('Choose .', { exact: true }).check();
  await page.locator('.tools').getByRole('button', { name: 'Purge' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Purge' }).click();
  await page.getByRole('dialog').getByText('command line').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  const left = await api('GET', `/api/queues/${WIDE}/contents`);
  check('a purge of the queue . does not delete the queue contents', left.name === 'contents', left.name);
  await go(page, 'queue/' + at(WIDE, '.'));
  check('its view says who can ask for it', await page.getByText('command line').count() === 1, await page.locator('main p').first().textContent());
}

/** How many charts there are, and how many listeners for the colours, seen from within. */
async function endsCharts(page, { go }) {
  await page.evaluate(() => {
    const Real = window.uPlot;
    const seen = window.seenCharts = { made: 0, gone: 0, listeners: 0 };
    window.uPlot = function plot(...given) {
      const made = new Real(...given);
      const { destroy } = made;
      seen.made++;
      made.destroy = () => { seen.gone++; destroy(); };
      return made;
    };
    const ask = window.matchMedia;
    window.matchMedia = (query) => {
      const list = ask.call(window, query);
      const { addEventListener, removeEventListener } = list;
      list.addEventListener = (...given) => { seen.listeners++; addEventListener.apply(list, given); };
      list.removeEventListener = (...given) => { seen.listeners--; removeEventListener.apply(list, given); };
      return list;
    };
  });
  for (const view of ['', 'queue/' + at(WIDE, 'contents'), '', 'users']) await go(page, view);
  const seen = await page.evaluate(() => window.seenCharts);
  check('charts end with their view', seen.made === 6 && seen.gone === 6 && seen.listeners === 0, JSON.stringify(seen));
}

async function keepsTheFocus(page, { go, api, settled }) {
  const focused = () => page.evaluate(() => `${document.activeElement.closest('tr')?.cells[0].textContent}: ${document.activeElement.textContent}`);
  await api('POST', `/api/bindings/${WIDE}/e/alone/q/w1000`, {});
  await go(page, exchange('alone'));
  await page.getByRole('button', { name: 'Remove the binding to w1000' }).focus();
  await page.getByRole('button', { name: 'Remove the binding to w1000' }).evaluate((node) => { node.seen = 'yes'; });
  await settled(page);
  const same = await page.evaluate(() => document.activeElement.seen === 'yes');
  check('rows that are the same are not drawn anew', same, await focused());
  await api('POST', `/api/bindings/${WIDE}/e/alone/q/contents`, {});
  await page.getByRole('button', { name: 'Remove the binding to contents' }).waitFor();
  check('the focus stays with its row when another one comes', await focused() === 'w1000: Remove', await focused());
  await api('DELETE', `/api/bindings/${WIDE}/e/alone/q/w1000/~`);
  await page.getByRole('button', { name: 'Remove the binding to w1000' }).waitFor({ state: 'detached' });
  const region = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  check('and goes to no other row when its own is gone', region === 'Bindings from it', region);
  await go(page, '');
  await page.locator('main').getByRole('link').first().focus();
  await settled(page);
  const link = await page.evaluate(() => document.activeElement.getAttribute('href'));
  check('a link of the overview keeps the focus', link === '#/queues', link);
}

/** Opens a question by the button, says no, and tells whether it was asked. */
async function asks(page, button) {
  await button.click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const title = await dialog.getByRole('heading').textContent();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  return title;
}

async function asksFirst(page, { go, api }) {
  await go(page, 'user/' + USER);
  const taking = await asks(page, page.getByRole('button', { name: 'Take away' }));
  check('permissions are not taken away without a question', (await api('GET', `/api/permissions/${WIDE}/${USER}`)).read === '.*', taking);
  await api('PUT', `/api/vhost-limits/${WIDE}/max-queues`, { value: 9000 });
  await go(page, 'limits');
  const lifting = await asks(page, page.getByRole('button', { name: `Lift max-queues of ${WIDE}` }));
  check('nor is a limit lifted', (await api('GET', '/api/vhost-limits/' + WIDE))[0].value['max-queues'] === 9000, lifting);
  await api('POST', `/api/vhosts/${WIDE}/deletion/protection`);
  await go(page, 'vhosts?name=' + WIDE);
  const baring = await asks(page, page.getByRole('button', { name: 'Unprotect' }));
  check('nor is the protection of a virtual host', (await api('GET', '/api/vhosts/' + WIDE)).protected_from_deletion === true, baring);
  await api('DELETE', `/api/vhosts/${WIDE}/deletion/protection`);
  await api('POST', `/api/exchanges/${WIDE}/amq.default/publish`, { routing_key: 'contents', properties: {}, payload: 'one', payload_encoding: 'string' });
  await go(page, 'queue/' + at(WIDE, 'contents'));
  await page.getByText('Get messages').click();
  await page.getByLabel('And then').selectOption('ack_requeue_false');
  const getting = await asks(page, page.getByRole('button', { name: 'Get', exact: true }));
  check('nor are messages taken out of a queue', (await api('GET', `/api/queues/${WIDE}/contents`)).messages === 1, getting);
}

/** Buttons know nothing of what they act on before the first answer, and act on nothing that is gone. */
async function waitsForAnswers(page, { go }) {
  const held = gate();
  const where = `**/api/users/${USER}`;
  await page.route(where, async (route) => {
    await held.opened;
    await route.continue();
  });
  await page.evaluate((hash) => { location.hash = hash; }, '#/user/' + USER);
  const remove = page.locator('.bar', { has: page.getByRole('heading', { level: 1 }) }).getByRole('button', { name: 'Delete' });
  await remove.waitFor();
  const before = await remove.isDisabled();
  held.open();
  await page.getByText('Tags').first().waitFor();
  check('buttons wait for the first answer', before && await remove.isEnabled(), before);
  await page.unroute(where);
  for (const view of ['user/page-check-nobody', 'queue/' + at(WIDE, 'none'), exchange('none')]) {
    await page.evaluate((hash) => { location.hash = hash; }, '#/' + view);
    await page.getByText('There is none of this name').waitFor();
    check(`and do nothing when there is none: ${view.split('/')[0]}`, await remove.isDisabled(), 'disabled');
    await go(page, '');
  }
}

/** Who types and goes on at once: what he typed is not in the next view's address. */
async function leavesAList(page, { go }) {
  await go(page, 'queues');
  await page.getByRole('searchbox').fill('typed');
  await page.evaluate(() => { location.hash = '#/cluster'; });
  // Timers end in their order: when this one has, so would have the list's.
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 400); }));
  check('a list that is left writes nothing into the address', await page.evaluate(() => location.hash) === '#/cluster', await page.evaluate(() => location.hash));
}

async function showsSomeConsumers(page, { go }) {
  const where = `**/api/queues/${WIDE}/contents`;
  await page.route(where, async (route) => {
    const answer = await route.fetch();
    const row = await answer.json();
    const consumer_details = Array.from({ length: 500 }, (_, i) => ({ consumer_tag: `tag-${i}`, ack_required: true, prefetch_count: 1, arguments: {},
      channel_details: { name: `c (${i})`, connection_name: 'c', user: 'guest' } }));
    await route.fulfill({ response: answer, json: { ...row, consumers: 12345, consumer_details } });
  });
  await go(page, 'queue/' + at(WIDE, 'contents'));
  const rows = await page.getByRole('region', { name: 'Consumers' }).locator('tbody tr').count();
  check('of many consumers the first are shown, and how many there are', rows === 100 && await page.getByText('The first 100 of 12,345.').count() === 1, rows);
}

const PARTS = [drawsAmongMany, tellsWhatWouldBeRefused, stopsWithTheDialog, stopsWithTheSession, refusesDots, endsCharts,
  keepsTheFocus, asksFirst, waitsForAnswers, leavesAList, showsSomeConsumers];

/**
 * Each part begins with a page of its own, so that one that fails leaves the others as they are.
 *
 * @param tools api, go, settled, picture of the program, and the user's name
 */
async function corners(page, tools) {
  await prepare(tools);
  try {
    for (const part of PARTS) {
      try {
        await part(page, tools);
      } catch (error) {
        check(part.name, false, error.message.split('\n')[0]);
      }
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.reload();
      await page.getByRole('navigation', { name: 'Views' }).waitFor();
    }
  } finally {
    await tools.api('DELETE', `/api/vhosts/${WIDE}/deletion/protection`);
    await tools.api('DELETE', '/api/vhosts/' + WIDE);
    await tools.api('DELETE', '/api/users/' + USER);
  }
}

module.exports = { corners };
