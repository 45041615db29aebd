'use strict';
// An application's configuration over rascal's default one: orders, what becomes of those that fail, and a wait before they are tried again.

const queue = (args) => ({ options: { arguments: args } });

/** @param {string[]} uris tried in this order */
module.exports = (uris) => ({
  vhosts: {
    '/': {
      // The names of this run's own: nothing of an earlier one is in the way.
      namespace: true,
      connectionStrategy: 'fixed',
      connections: uris.map((url) => ({ url, retry: { min: 200, max: 1000, factor: 2, strategy: 'exponential' } })),
      exchanges: ['orders', 'dead', 'wait', 'again'],
      queues: {
        orders: queue({ 'x-queue-type': 'quorum', 'x-dead-letter-exchange': 'dead', 'x-dead-letter-routing-key': 'orders.dead' }),
        dead: queue({}),
        wait: queue({ 'x-message-ttl': 300, 'x-dead-letter-exchange': 'again' }),
        full: queue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' }),
      },
      bindings: {
        'orders[orders.#] -> orders': {},
        'dead -> dead': {},
        'wait -> wait': {},
        // What is forwarded has one more routing key: its old queue's name and its old key.
        'again[*.orders.#] -> orders': {},
      },
    },
  },
  publications: {
    order: { exchange: 'orders' },
    nowhere: { exchange: 'orders', routingKey: 'invoices.new' },
    wait: { exchange: 'wait' },
    full: { queue: 'full' },
    unconfirmed: { exchange: 'orders', routingKey: 'orders.quick', confirm: false },
  },
  subscriptions: {
    orders: { queue: 'orders', prefetch: 10, redeliveries: { counter: 'inMemory', limit: 3 } },
    dead: { queue: 'dead' },
  },
  redeliveries: { counters: { inMemory: { size: 100 } } },
});
