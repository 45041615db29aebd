/** What clients name and declare: connections, queues, exchanges, bindings, consumers. Values without behaviour. */
package io.tallymq.broker.spec;
