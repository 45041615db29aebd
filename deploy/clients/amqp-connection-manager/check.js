'use strict';
// amqp-connection-manager as it is, over connections that end: node check.js [--uri URI]... [--kill PID]
// The first URI is reached through a proxy of this program, which cuts connections and lets nobody in when it is told to; the last part
// goes on at the second URI. With --kill the process PID, the node of the first URI, is killed then instead (it is not started again).
// A PASS or FAIL line per check, and exit code 1 if one failed.
const amqp = require('amqp-connection-manager');
const { Proxy } = require('../proxy.js');
const { parse, check, within, until, run } = require('../checks.js');

const WAIT = 60;
const QUEUE = 'connection-manager-check';
const FULL = 'connection-manager-check-full';
const QUORUM = { durable: true, arguments: { 'x-queue-type': 'quorum' } };

function manager(uris) {
  return amqp.connect(uris, { heartbeatIntervalInSeconds: 5, reconnectTimeInSeconds: 0.2 });
}

/** A channel that declares the queue each time it is connected. */
async function publisher(connection, setups) {
  const channel = connection.createChannel({
    setup: async (raw) => {
      setups.count++;
      await raw.assertQueue(QUEUE, QUORUM);
    },
  });
  // A channel whose connection ends while it is being set up says so; it is set up anew with the next one.
  channel.on('error', () => { setups.errors++; });
  await within(WAIT, 'waitForConnect', channel.waitForConnect());
  return channel;
}

/**
 * Publishes the numbers until each is confirmed. What the library has not sent yet it sends after the next connect; what was on its way when the
 * connection ended fails with 'channel closed', and is published again as an application would.
 */
function publish(channel, first, count, ledger) {
  const one = async (i) => {
    for (;;) {
      try {
        await channel.sendToQueue(QUEUE, Buffer.from(String(i)), { persistent: true });
        ledger.confirmed.add(i);
        return;
      } catch (error) {
        if (error.message !== 'channel closed') throw error;
        ledger.repeated.add(i);
      }
    }
  };
  const all = [];
  for (let i = first; i < first + count; i++) {
    ledger.published.add(i);
    all.push(one(i));
  }
  return within(WAIT, 'confirms', Promise.all(all));
}

/** All that is in the queue, by number: how often. */
async function drain(uri) {
  const connection = manager([uri]);
  const seen = new Map();
  let last = Date.now();
  const channel = connection.createChannel({ setup: (raw) => raw.assertQueue(QUEUE, QUORUM) });
  await within(WAIT, 'waitForConnect', channel.waitForConnect());
  await channel.consume(QUEUE, (message) => {
    const number = Number(message.content.toString());
    seen.set(number, (seen.get(number) || 0) + 1);
    last = Date.now();
    channel.ack(message);
  }, { prefetch: 200 });
  await until(WAIT, 'the end of the queue', async () => Date.now() - last > 500 && (await channel.checkQueue(QUEUE)).messageCount === 0);
  await connection.close();
  return seen;
}

async function compare(name, uri, ledger) {
  const seen = await drain(uri);
  const lost = [...ledger.confirmed].filter((i) => !seen.has(i));
  const unknown = [...seen.keys()].filter((i) => !ledger.published.has(i));
  const twice = [...seen.keys()].filter((i) => seen.get(i) > 1);
  const excused = twice.filter((i) => ledger.repeated.has(i));
  const all = ledger.confirmed.size === ledger.published.size;
  check(
    name,
    all && lost.length === 0 && unknown.length === 0 && twice.length === excused.length,
    `${ledger.confirmed.size} of ${ledger.published.size} confirmed, ${lost.length} of these lost; `
      + `${ledger.repeated.size} published again, of which ${excused.length} are there twice; ${twice.length - excused.length} others are`,
  );
}

const newLedger = () => ({ published: new Set(), confirmed: new Set(), repeated: new Set() });

async function cutWhilePublishing(proxy, channel) {
  const ledger = newLedger();
  for (let round = 0; round < 5; round++) {
    const published = publish(channel, round * 1000, 1000, ledger);
    // In the middle: some of this round are confirmed, the others are on their way.
    await until(WAIT, 'the first confirms', () => ledger.confirmed.size > round * 1000 + 50);
    proxy.cut();
    await published;
  }
  await compare('cut five times while publishing', proxy.uri, ledger);
}

async function publishWithoutConnection(proxy, connection, channel) {
  const ledger = newLedger();
  const gone = new Promise((resolve) => connection.once('disconnect', resolve));
  await proxy.close();
  await within(WAIT, 'disconnect', gone);
  const published = publish(channel, 0, 500, ledger);
  const failures = new Promise((resolve) => connection.once('connectFailed', resolve));
  await within(WAIT, 'connectFailed', failures);
  const queued = channel.queueLength();
  const early = ledger.confirmed.size;
  await proxy.open();
  await published;
  check('published while disconnected', queued === 500 && early === 0, `${queued} kept by the library, ${early} confirmed meanwhile`);
  await compare('sent after the reconnect', proxy.uri, ledger);
}

/** What a consumer held comes again, flagged, to the consumer that the library sets up anew. */
async function consumerComesBack(proxy, connection, channel) {
  const got = [];
  const consumer = connection.createChannel({ setup: (raw) => raw.assertQueue(QUEUE, QUORUM) });
  consumer.on('error', () => {});
  await within(WAIT, 'waitForConnect', consumer.waitForConnect());
  await consumer.consume(QUEUE, (message) => {
    got.push(`${message.content}${message.fields.redelivered ? ' again' : ''}`);
    if (message.fields.redelivered || message.content.toString() === 'after') consumer.ack(message);
  }, { prefetch: 10 });
  await channel.sendToQueue(QUEUE, 'held', { persistent: true });
  await until(WAIT, 'the delivery', () => got.length === 1);
  const back = new Promise((resolve) => consumer.once('connect', resolve));
  proxy.cut();
  await within(WAIT, 'connect', back);
  await channel.sendToQueue(QUEUE, 'after', { persistent: true });
  await until(WAIT, 'the delivery after the cut', () => got.includes('after') && got.includes('held again'));
  await until(WAIT, 'an empty queue', async () => (await channel.checkQueue(QUEUE)).messageCount === 0);
  check('a consumer comes back', got.length === 3 && got[0] === 'held', got.join(', '));
  await consumer.close();
}

async function nack(connection) {
  const limits = { 'x-queue-type': 'quorum', 'x-max-length': 1, 'x-overflow': 'reject-publish' };
  const channel = connection.createChannel({
    setup: async (raw) => {
      await raw.assertQueue(FULL, { durable: true, arguments: limits });
      await raw.purgeQueue(FULL);
    },
  });
  await within(WAIT, 'waitForConnect', channel.waitForConnect());
  const outcome = (promise) => promise.then(() => 'ack', (error) => error.message);
  const outcomes = [];
  for (const body of ['one', 'two', 'three']) outcomes.push(await outcome(channel.sendToQueue(FULL, body)));
  const { messageCount } = await channel.deleteQueue(FULL);
  check('a nack is the error of its publish', outcomes.join() === 'ack,message nacked,message nacked' && messageCount === 1, outcomes.join());
  await channel.close();
}

/** The node of the first URI goes for good while 5,000 are on their way; the second URI's takes over. */
async function failover(proxy, uris, pid) {
  const first = pid ? uris[0] : proxy.uri;
  const connection = manager([first, uris[1]]);
  const setups = { count: 0, errors: 0 };
  const urls = [];
  connection.on('connect', ({ url }) => urls.push(url));
  const channel = await publisher(connection, setups);
  const ledger = newLedger();
  const published = publish(channel, 0, 5000, ledger);
  await until(WAIT, 'the first confirms', () => ledger.confirmed.size > 50);
  if (pid) process.kill(Number(pid), 'SIGKILL');
  else await proxy.close();
  await published; // perhaps all of it before the first one was gone
  await until(WAIT, 'the second URI', () => urls.length > 1 && setups.count > 1);
  const moved = urls[0] === first && urls[urls.length - 1] === uris[1];
  check('goes on at the second URI', moved && setups.count >= 2, `set up ${setups.count} times`);
  await connection.close();
  await compare(pid ? 'its node was killed' : 'its node can not be reached', uris[1], ledger);
}

run(async () => {
  const { uris, kill } = parse(process.argv.slice(2), { kill: 'PID' });
  const proxy = new Proxy(uris[0]);
  await proxy.open();
  const connection = manager([proxy.uri]);
  const setups = { count: 0, errors: 0 };
  const channel = await publisher(connection, setups);
  await channel.purgeQueue(QUEUE);
  check('waitForConnect and setup', setups.count === 1 && connection.isConnected(), `set up ${setups.count} times`);
  await cutWhilePublishing(proxy, channel);
  check('setup after each connect', setups.count >= 6, `set up ${setups.count} times, ${setups.errors} of them cut short`);
  await publishWithoutConnection(proxy, connection, channel);
  await consumerComesBack(proxy, connection, channel);
  await nack(connection);
  await connection.close();
  if (uris.length > 1) await failover(proxy, uris, kill);
  const last = manager([uris[uris.length - 1]]);
  await (await publisher(last, { count: 0, errors: 0 })).deleteQueue(QUEUE);
  await last.close();
});
