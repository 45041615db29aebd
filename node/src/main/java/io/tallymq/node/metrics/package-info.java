/** What Prometheus is told under RabbitMQ's names, and of each queue, connection and consumer. */
package io.tallymq.node.metrics;
