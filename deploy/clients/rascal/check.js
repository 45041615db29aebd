'use strict';
// Rascal as it is, with its default configuration under config.js: node check.js [--uri URI]...
// A PASS or FAIL line per check, and exit code 1 if one failed.
const Rascal = require('rascal');
const config = require('./config.js');
const { Proxy } = require('../proxy.js');
const { parse, check, within, until, run } = require('../checks.js');

const WAIT = 30;

/** How a publication ended: its first event, and what came with it. */
async function outcome(broker, name, body, overrides = {}) {
  const publication = await broker.publish(name, body, overrides);
  const ended = new Promise((resolve) => {
    publication.on('return', (message) => resolve({ event: 'return', message }));
    publication.on('error', (error) => resolve({ event: 'error', error }));
    // A return comes before the confirm.
    publication.on('success', () => resolve({ event: 'success' }));
  });
  return within(WAIT, `publication ${name}`, ended);
}

const publish = async (broker, body, key) => {
  const { event, error } = await outcome(broker, 'order', body, { routingKey: key });
  if (event !== 'success') throw new Error(`${event} ${error && error.message}`);
};

/** All that a subscription gets, each handed to the handler of its routing key's last word. */
async function listen(broker, name, handlers) {
  const seen = [];
  const subscription = await broker.subscribe(name);
  const subscribed = new Promise((resolve) => subscription.once('subscribed', resolve));
  const handle = (message, content, ackOrNack) => {
    const kind = message.fields.routingKey.split('.').pop();
    const earlier = seen.filter((s) => s.kind === kind);
    seen.push({ kind, content, message });
    (handlers[kind] || handlers.otherwise)(ackOrNack, earlier.length, message);
  };
  subscription.on('message', handle);
  subscription.on('invalid_content', (error, message, ackOrNack) => {
    seen.push({ kind: 'invalid', content: error.message, message });
    ackOrNack(error);
  });
  subscription.on('redeliveries_exceeded', (error, message, ackOrNack) => {
    seen.push({ kind: 'exceeded', content: error.message, message });
    ackOrNack(error);
  });
  subscription.on('error', () => {}); // its connection ends: it subscribes again by itself
  await within(WAIT, 'subscribed', subscribed);
  return { seen, of: (kind) => seen.filter((s) => s.kind === kind) };
}

const failure = () => Object.assign(new Error('does not want it'), { code: 'unwanted' });
const RETRY = [{ strategy: 'republish', attempts: 2 }, { strategy: 'nack' }];
const LATER = [{ strategy: 'forward', publication: 'wait', attempts: 2 }, { strategy: 'nack' }];

/** What the subscriber of orders does, by the routing key's last word; count: how often it has come before. */
const HANDLERS = {
  new: (ackOrNack) => ackOrNack(),
  requeue: (ackOrNack, count) => (count === 0 ? ackOrNack(failure(), { strategy: 'nack', requeue: true, defer: 20 }) : ackOrNack()),
  always: (ackOrNack) => ackOrNack(failure(), { strategy: 'nack', requeue: true }),
  drop: (ackOrNack) => ackOrNack(failure()),
  republish: (ackOrNack) => ackOrNack(failure(), RETRY),
  immediate: (ackOrNack) => ackOrNack(failure(), { strategy: 'republish', immediateNack: true }),
  later: (ackOrNack) => ackOrNack(failure(), LATER),
  otherwise: (ackOrNack) => ackOrNack(),
};

const death = ({ message }) => (message.properties.headers['x-death'] || [])[0] || {};
const recovery = ({ message }, queue) => (message.properties.headers.rascal.recovery || {})[queue] || {};

async function publications(broker, orders) {
  await publish(broker, { number: 1 }, 'orders.eu.new');
  await until(WAIT, 'the order', () => orders.of('new').length === 1);
  const [first] = orders.of('new');
  check('confirmed, delivered, acked', first.content.number === 1 && !first.message.fields.redelivered, JSON.stringify(first.content));

  const nowhere = await outcome(broker, 'nowhere', 'lost?');
  const code = nowhere.message && nowhere.message.fields.replyCode;
  check('mandatory by default: return', nowhere.event === 'return' && code === 312, `${nowhere.event} ${code}`);

  const kept = await outcome(broker, 'full', 'one', { options: { mandatory: false } });
  const refused = await outcome(broker, 'full', 'two', { options: { mandatory: false } });
  const told = await outcome(broker, 'full', 'three');
  const text = told.message && told.message.fields.replyText;
  check('a full queue: error', kept.event === 'success' && refused.event === 'error', `${kept.event}, ${refused.event} ${refused.error && refused.error.message}`);
  check('a full queue, mandatory: return with the reason', told.event === 'return' && /no room/.test(text), `${told.event} ${text}`);

  const waiting = Array.from({ length: 500 }, (_, i) => publish(broker, `many ${i}`, 'orders.many'));
  await Promise.all(waiting);
  await until(WAIT, '500 orders', () => orders.of('many').length === 500);
  const all = new Set(orders.of('many').map((s) => s.content));
  check('a pool of confirm channels', all.size === 500, `${all.size} orders`);

  await broker.publish('unconfirmed', 'quick');
  await until(WAIT, 'the quick one', () => orders.of('quick').length === 1);
  check('without confirm', true, orders.of('quick')[0].content);
}

async function recoveries(broker, orders, dead, queue) {
  await publish(broker, 'r', 'orders.requeue');
  await until(WAIT, 'the redelivery', () => orders.of('requeue').length === 2);
  const flags = orders.of('requeue').map((s) => s.message.fields.redelivered);
  check('nack with requeue', flags.join() === 'false,true', `redelivered ${flags}`);

  await publish(broker, 'a', 'orders.always');
  await until(WAIT, 'redeliveries_exceeded', () => orders.of('exceeded').length === 1);
  await until(WAIT, 'its dead letter', () => dead.seen.some((s) => s.content === 'a'));
  check('redeliveries are counted', orders.of('always').length === 4, `${orders.of('always').length} times, then: ${orders.of('exceeded')[0].content}`);

  await publish(broker, 'd', 'orders.drop');
  await until(WAIT, 'the dead letter', () => dead.seen.some((s) => s.content === 'd'));
  const dropped = dead.seen.find((s) => s.content === 'd');
  check('nack by default: a dead letter', death(dropped).reason === 'rejected' && death(dropped).queue === queue, JSON.stringify(death(dropped)));

  await publish(broker, 'p', 'orders.republish');
  await until(WAIT, 'the dead letter', () => dead.seen.some((s) => s.content === 'p'));
  const republished = recovery(dead.seen.find((s) => s.content === 'p'), queue).republished;
  check('republish, then nack', orders.of('republish').length === 3 && republished === 2, `${orders.of('republish').length} times, ${republished} of them republished`);

  await publish(broker, 'i', 'orders.immediate');
  await until(WAIT, 'the dead letter', () => dead.seen.some((s) => s.content === 'i'));
  const { error } = dead.seen.find((s) => s.content === 'i').message.properties.headers.rascal;
  check('republish with immediateNack', orders.of('immediate').length === 1 && error.code === 'unwanted', `a dead letter that says '${error.message}'`);

  // Sent on from the dead letters with its headers it is tried again, because x-death tells that it has died since.
  const replayed = dead.seen.find((s) => s.content === 'i').message;
  const { messageId, contentType, headers } = replayed.properties;
  delete headers.rascal.restoreRoutingHeaders;
  const again = { routingKey: 'orders.immediate', options: { messageId, contentType, headers } };
  const { event } = await outcome(broker, 'order', replayed.content, again);
  await until(WAIT, 'the order again', () => orders.of('immediate').length === 2);
  check('replayed after immediateNack', event === 'success', `${orders.of('immediate').length} times`);

  const begin = Date.now();
  await publish(broker, 'l', 'orders.later');
  await until(WAIT, 'the dead letter', () => dead.seen.some((s) => s.content === 'l'));
  const later = orders.of('later');
  const waited = Date.now() - begin;
  const forwarded = later.map((s) => recovery(s, queue).forwarded || 0).join();
  const back = later.every((s) => s.message.fields.routingKey === 'orders.later');
  check('forward to a queue with a time, and back', forwarded === '0,1,2' && back && waited >= 600, `${later.length} times in ${waited} ms`);

  await broker.publish('order', Buffer.from('{'), { routingKey: 'orders.json', options: { contentType: 'application/json' } });
  await until(WAIT, 'the dead letter', () => orders.of('invalid').length === 1);
  check('content that can not be read', true, orders.of('invalid')[0].content);
}

/** The vhost's connection ends: its subscriptions come back by themselves, and publications wait for it. */
async function reconnect(broker, proxy, orders) {
  const lost = new Promise((resolve) => broker.once('error', resolve));
  const back = new Promise((resolve) => broker.once('vhost_initialised', resolve));
  await proxy.close();
  const error = await within(WAIT, 'error', lost);
  const waiting = Array.from({ length: 100 }, (_, i) => publish(broker, `cut ${i}`, 'orders.cut'));
  await proxy.open();
  await within(WAIT, 'vhost_initialised', back);
  await within(WAIT, 'confirms', Promise.all(waiting));
  await until(WAIT, 'orders', () => new Set(orders.of('cut').map((s) => s.content)).size === 100);
  check('a connection that ends', true, `${error.message}; 100 orders published meanwhile, all are there`);
}

run(async () => {
  const { uris } = parse(process.argv.slice(2));
  const proxy = new Proxy(uris[0]);
  await proxy.open();
  const broker = await within(WAIT, 'the broker', Rascal.BrokerAsPromised.create(Rascal.withDefaultConfig(config([proxy.uri, ...uris.slice(1)]))));
  broker.on('error', () => {}); // lost connections: what matters is what becomes of messages
  check('exchanges, queues, bindings', true, `at ${uris[0]}`);
  const queue = broker.getFullyQualifiedName('/', 'orders');
  const orders = await listen(broker, 'orders', HANDLERS);
  const dead = await listen(broker, 'dead', { otherwise: (ackOrNack) => ackOrNack() });
  await publications(broker, orders);
  await recoveries(broker, orders, dead, queue);
  await reconnect(broker, proxy, orders);
  await within(WAIT, 'nuke', broker.nuke());
  check('nuke', true, 'all that was declared is deleted');
});
