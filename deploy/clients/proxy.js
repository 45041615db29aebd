'use strict';
// Stands between a client and a broker, so that a program can lose its connection: the broker stays as it is.
const net = require('net');

class Proxy {
  /** @param {string} uri where to hand on to */
  constructor(uri) {
    this.target = new URL(uri);
    this.pairs = new Set();
    this.port = 0;
  }

  /** The URI of the broker through this proxy. */
  get uri() {
    const through = new URL(this.target);
    through.hostname = '127.0.0.1';
    through.port = this.port;
    return through.toString();
  }

  /** Listens: on a port of the system's choice at first, on the same one again later. */
  async open() {
    this.server = net.createServer((client) => this.accept(client));
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = this.server.address().port;
  }

  accept(client) {
    const broker = net.connect(Number(this.target.port || 5672), this.target.hostname);
    const pair = [client, broker];
    const end = () => {
      this.pairs.delete(pair);
      pair.forEach((socket) => socket.destroy());
    };
    this.pairs.add(pair);
    pair.forEach((socket) => socket.setNoDelay(true).on('error', end).on('close', end));
    client.pipe(broker);
    broker.pipe(client);
  }

  /** Ends all connections in the middle of what they are at. */
  cut() {
    for (const pair of [...this.pairs]) pair.forEach((socket) => socket.resetAndDestroy());
  }

  /** Lets nobody in, and ends all connections. */
  async close() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }
}

module.exports = { Proxy };
