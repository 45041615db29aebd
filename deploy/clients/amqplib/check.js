'use strict';
// Publishes with confirms on each node and consumes on the next one: node check.js [--count N] [URI]...
// Exit code 0 and a PASS line per node if every confirmed message arrived once and in order.
const amqp = require('amqplib');

const QUEUE = 'amqplib-check';
const TIMEOUT_MS = 60_000;

function parse(argv) {
  const options = { count: 1000, uris: [] };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--count') options.count = Number(argv[++i]);
    else if (argv[i].startsWith('amqp')) options.uris.push(argv[i]);
    else throw new Error(`'${argv[i]}' is neither --count N nor an AMQP URI`);
  }
  if (options.uris.length === 0) {
    options.uris = [5672, 5673, 5674].map((port) => `amqp://guest:guest@127.0.0.1:${port}/%2F`);
  }
  return options;
}

async function publish(uri, count) {
  const connection = await amqp.connect(uri);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.purgeQueue(QUEUE);
  for (let i = 0; i < count; i++) {
    const more = channel.publish('', QUEUE, Buffer.from(String(i)), { persistent: true, messageId: `m${i}` });
    if (!more) await new Promise((resolve) => channel.once('drain', resolve));
  }
  await channel.waitForConfirms();
  await connection.close();
}

async function consume(uri, count) {
  const connection = await amqp.connect(uri);
  const channel = await connection.createChannel();
  await channel.prefetch(100);
  const got = [];
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${got.length} of ${count} arrived in time`)), TIMEOUT_MS);
    channel.on('error', reject);
    channel.consume(QUEUE, (message) => {
      if (message === null) return reject(new Error('the consumer was cancelled'));
      got.push(Number(message.content.toString()));
      channel.ack(message);
      if (got.length === count) {
        clearTimeout(timer);
        resolve();
      }
    }).catch(reject);
  });
  got.forEach((number, i) => {
    if (number !== i) throw new Error(`message ${number} arrived at place ${i}`);
  });
  const left = await channel.deleteQueue(QUEUE);
  if (left.messageCount !== 0) throw new Error(`${left.messageCount} messages were left over`);
  await connection.close();
}

async function main() {
  const { count, uris } = parse(process.argv.slice(2));
  for (let i = 0; i < uris.length; i++) {
    await publish(uris[i], count);
    await consume(uris[(i + 1) % uris.length], count);
    console.log(`PASS node ${i + 1}: ${count} confirmed, consumed on another node in order`);
  }
}

main().catch((error) => {
  console.error(`FAIL ${error.message}`);
  process.exit(1);
});
