'use strict';
// Publishes with confirms on each node and consumes on the next one; then what is refused and what nobody takes:
// node check.js [--count N] [--uri URI]...
// A PASS or FAIL line per check, and exit code 1 if one failed.
const amqp = require('amqplib');

const QUEUE = 'amqplib-check';
const FULL = 'amqplib-check-full';
const TIMEOUT_MS = 60_000;

function parse(argv) {
  const options = { count: 1000, uris: [] };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--count') options.count = Number(argv[++i]);
    else if (argv[i] === '--uri') options.uris.push(argv[++i]);
    else if (argv[i].startsWith('amqp')) options.uris.push(argv[i]);
    else throw new Error(`'${argv[i]}' is neither --count N nor --uri URI`);
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

/** The outcome of each publish ('ack' or the error's text), and what came back meanwhile. */
async function outcomes(channel, publishes) {
  const returned = [];
  const listener = (message) => returned.push(message);
  channel.on('return', listener);
  const outcome = await Promise.all(
    publishes.map(({ key, body, mandatory }) => new Promise((resolve) => {
      const options = { persistent: true, mandatory, messageId: body };
      channel.publish('', key, Buffer.from(body), options, (error) => resolve(error ? error.message : 'ack'));
    })),
  );
  channel.removeListener('return', listener);
  return { outcome, returned };
}

function check(name, ok, seen) {
  console.log(`${ok ? 'PASS' : 'FAIL'} ${name}: ${seen}`);
  if (!ok) process.exitCode = 1;
}

const reasons = (returned) => returned.map((m) => `${m.fields.replyCode} ${m.fields.replyText} (${m.content})`).join(', ');

async function refused(uri, node) {
  const connection = await amqp.connect(uri);
  const channel = await connection.createConfirmChannel();
  const limits = { 'x-queue-type': 'quorum', 'x-max-length': 3, 'x-overflow': 'reject-publish' };
  await channel.deleteQueue(FULL);
  await channel.assertQueue(FULL, { durable: true, arguments: limits });

  const lost = await outcomes(channel, [
    { key: 'amqplib-check-nowhere', body: 'dropped', mandatory: false },
    { key: 'amqplib-check-nowhere', body: 'nobody', mandatory: true },
  ]);
  const only = lost.returned.length === 1 && lost.returned[0];
  const back = only && only.fields.replyCode === 312 && only.properties.messageId === 'nobody';
  check(`node ${node}, mandatory`, back && lost.outcome.join() === 'ack,ack', `${lost.outcome}; came back: ${reasons(lost.returned)}`);

  const bodies = ['0', '1', '2', '3', '4'];
  const full = await outcomes(channel, bodies.map((body) => ({ key: FULL, body, mandatory: body !== '4' })));
  const expected = ['ack', 'ack', 'ack', 'message nacked', 'message nacked'].join();
  const told = full.returned.length === 1 && full.returned[0].fields.replyCode === 506
    && full.returned[0].fields.replyText.includes(FULL) && full.returned[0].content.toString() === '3';
  check(`node ${node}, nack`, full.outcome.join() === expected && told, `${full.outcome}; came back: ${reasons(full.returned)}`);

  // waitForConfirms knows of a nack, too.
  channel.sendToQueue(FULL, Buffer.from('5'), {});
  const waited = await channel.waitForConfirms().then(() => 'confirmed', (error) => error.message);
  const left = await channel.deleteQueue(FULL);
  check(`node ${node}, waitForConfirms`, waited === 'message nacked' && left.messageCount === 3, `${waited}; ${left.messageCount} are there`);
  await connection.close();
}

async function main() {
  const { count, uris } = parse(process.argv.slice(2));
  for (let i = 0; i < uris.length; i++) {
    await publish(uris[i], count);
    await consume(uris[(i + 1) % uris.length], count);
    check(`node ${i + 1}, confirms`, true, `${count} confirmed, consumed on another node in order`);
    await refused(uris[i], i + 1);
  }
}

main().catch((error) => {
  console.error(`FAIL ${error.message}`);
  process.exit(1);
});
