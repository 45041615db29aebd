'use strict';
// Exactly once with amqplib: publishes messages that have names, loses its connections on purpose and before it has heard all confirms, publishes
// again what had no answer, asks for the receipts, and proves that each message is in the queue once.
//   node receipts.js [--messages N] [--kill PID] [--uri URI]...       (npm ci beside it; default: local-cluster's three nodes)
// With --kill the process PID, the first URI's node, is killed half-way. A PASS or FAIL line per check, and exit code 1 if one failed.
const { randomUUID } = require('node:crypto');
const amqp = require('amqplib');
const { Proxy } = require('../proxy.js');
const { parse, check, within, until, run } = require('../checks.js');

const WAIT = 120;
const WINDOW = 200; // publishes without an answer
const CUT_AFTER = 700; // confirms, about

/** One producer: its numbers rise by one, whatever connection it has. */
class Publisher {
  constructor(queue) {
    this.queue = queue;
    this.producer = `recipe-${randomUUID()}`;
    this.last = 0;
    this.open = new Map(); // number -> body, of those that had no answer
    this.confirmed = 0;
    this.again = 0;
    this.lost = 0;
  }

  /** Until all are confirmed. */
  async publish(count, nextUri, onConfirm) {
    while (this.last < count || this.open.size > 0) {
      try {
        await this.session(count, await amqp.connect(nextUri()), onConfirm);
      } catch (error) {
        this.lost += this.open.size > 0 ? 1 : 0; // what had no answer is published again by the next session
      }
    }
  }

  async session(count, connection, onConfirm) {
    connection.on('error', () => {});
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    const again = [...this.open.keys()].sort((a, b) => a - b);
    this.again += again.length;
    let unanswered = 0;
    let wake = () => {};
    const below = async (limit) => {
      while (unanswered >= limit) await new Promise((resolve) => { wake = resolve; });
    };
    while (again.length > 0 || this.last < count) {
      await below(WINDOW);
      const number = again.length > 0 ? again.shift() : ++this.last;
      if (!this.open.has(number)) this.open.set(number, Buffer.from(String(number)));
      const headers = { 'x-producer-id': this.producer, 'x-publish-seq': number };
      // Throws when the connection is gone. Then each callback that is still to come has an error: it is not known what became of its message.
      channel.publish('', this.queue, this.open.get(number), { persistent: true, headers }, (error) => {
        unanswered--;
        wake();
        if (error === null || error === undefined) {
          this.open.delete(number);
          this.confirmed++;
          onConfirm(this.confirmed);
        }
      });
      unanswered++;
    }
    await below(1);
    if (this.open.size > 0) throw new Error('the connection was lost');
    await connection.close();
  }
}

async function receipt(channel, name) {
  const message = await channel.get(`amq.receipt.${name}`, { noAck: true });
  return JSON.parse(message.content.toString());
}

/** All numbers in the queue, in order of their size. */
async function drain(channel, queue, count) {
  const seen = [];
  const take = (message) => seen.push(Number(message.content.toString()));
  const { consumerTag } = await channel.consume(queue, take, { noAck: true });
  await until(WAIT, 'the messages', async () => seen.length >= count && (await channel.checkQueue(queue)).messageCount === 0);
  await channel.cancel(consumerTag);
  return seen.sort((a, b) => a - b);
}

run(async () => {
  const { uris, messages, kill } = parse(process.argv.slice(2), { messages: 'N', kill: 'PID' });
  const count = Number(messages || 10_000);
  const queue = `receipts-${randomUUID()}`;
  const last = await amqp.connect(uris[uris.length - 1]);
  const channel = await last.createChannel();
  await channel.assertQueue(queue, { durable: true });

  const proxies = uris.map((uri) => new Proxy(uri));
  await Promise.all(proxies.map((proxy) => proxy.open()));
  let turn = 0;
  let nextCut = CUT_AFTER;
  let victim = Number(kill || 0);
  const publisher = new Publisher(queue);
  await within(WAIT, 'the publishes', publisher.publish(count, () => proxies[turn++ % proxies.length].uri, (confirmed) => {
    if (confirmed < nextCut || confirmed > count - WINDOW) return;
    nextCut += CUT_AFTER;
    if (victim && confirmed > count / 2) {
      process.kill(victim, 'SIGKILL');
      victim = 0;
    }
    proxies.forEach((proxy) => proxy.cut());
  }));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  console.log(`${count} published, connections lost ${publisher.lost} times, ${publisher.again} published again`);

  const { producer } = publisher;
  check('published again', publisher.again > 0, `${publisher.again} had no answer`);
  const stored = await receipt(channel, `${producer}.${count}`);
  check('the receipt of the last one', stored.outcome === 'stored' && stored.final, JSON.stringify(stored));
  const next = await receipt(channel, `${producer}.${count + 1}`);
  check('the receipt of the next one', next.outcome === 'unseen' && !next.final, next.outcome);
  const known = await receipt(channel, producer);
  check('no gaps', known.last === count && known.gaps.every(([, to]) => to < 1), JSON.stringify(known));
  const seen = await drain(channel, queue, count);
  check('each is in the queue once', seen.length === count && seen.every((number, i) => number === i + 1), `${seen.length} messages`);
  await channel.deleteQueue(queue);
  await last.close();
});
