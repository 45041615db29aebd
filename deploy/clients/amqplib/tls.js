'use strict';
// Publishes with confirms and consumes over AMQPS, with the broker's certificate checked against an authority:
// node tls.js --ca FILE [--count N] --uri amqps://...
// A PASS or FAIL line per check, and exit code 1 if one failed.
const fs = require('fs');
const amqp = require('amqplib');

const QUEUE = 'amqplib-tls-check';
const TIMEOUT_MS = 60_000;

function parse(argv) {
  const options = { count: 300, uris: [], ca: null };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--count') options.count = Number(argv[++i]);
    else if (argv[i] === '--uri') options.uris.push(argv[++i]);
    else if (argv[i] === '--ca') options.ca = argv[++i];
    else throw new Error(`'${argv[i]}' is none of --ca FILE, --count N and --uri URI`);
  }
  if (options.ca === null || options.uris.length === 0) throw new Error('--ca FILE and --uri URI are needed');
  return options;
}

function check(name, ok, seen) {
  console.log(`${ok ? 'PASS' : 'FAIL'} ${name}: ${seen}`);
  if (!ok) process.exitCode = 1;
}

async function publish(uri, tls, count) {
  const connection = await amqp.connect(uri, tls);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(QUEUE, { durable: true });
  await channel.purgeQueue(QUEUE);
  for (let i = 0; i < count; i++) {
    const more = channel.publish('', QUEUE, Buffer.from(String(i)), { persistent: true });
    if (!more) await new Promise((resolve) => channel.once('drain', resolve));
  }
  await channel.waitForConfirms();
  check('published with confirms', true, `${count} over ${connection.connection.stream.getProtocol()}`);
  await connection.close();
}

async function consume(uri, tls, count) {
  const connection = await amqp.connect(uri, tls);
  const channel = await connection.createChannel();
  await channel.prefetch(100);
  const got = [];
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${got.length} of ${count} arrived in time`)), TIMEOUT_MS);
    channel.consume(QUEUE, (message) => {
      if (message === null) return; // the queue is deleted at the end
      got.push(Number(message.content.toString()));
      channel.ack(message);
      if (got.length === count) {
        clearTimeout(timer);
        resolve();
      }
    }).catch(reject);
  });
  const ordered = got.every((number, i) => number === i);
  const left = await channel.deleteQueue(QUEUE);
  check('consumed', ordered && left.messageCount === 0, `${got.length}, ${left.messageCount} are left`);
  await connection.close();
}

async function main() {
  const { count, uris, ca } = parse(process.argv.slice(2));
  for (const uri of uris) {
    const tls = { ca: [fs.readFileSync(ca)] };
    await publish(uri, tls, count);
    await consume(uri, tls, count);
    const refused = await amqp.connect(uri).then((c) => c.close().then(() => 'it connected'), (error) => error.code || error.message);
    check('an unknown authority is refused by the client', refused !== 'it connected', refused);
  }
}

main().catch((error) => {
  console.log(`FAIL ${error.stack}`);
  process.exitCode = 1;
});
