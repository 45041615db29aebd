// npm install amqplib
const amqp = require("amqplib");

(async () => {
  const connection = await amqp.connect(process.env.AMQP_URL || "amqp://guest:guest@127.0.0.1:5672/%2F");
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("hello-javascript", { durable: true });
  channel.sendToQueue("hello-javascript", Buffer.from("one tally stick"), { persistent: true, mandatory: true });
  await channel.waitForConfirms(); // rejects when the broker nacks
  console.log("confirmed");

  const message = await channel.get("hello-javascript");
  channel.ack(message);
  console.log("got", message.content.toString());
  await connection.close();
})();
