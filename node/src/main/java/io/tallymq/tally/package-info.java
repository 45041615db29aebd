/**
 * The command line, {@code deploy/tally}: talks HTTP to the nodes of a cluster, AMQP where messages flow, and knows nothing of the broker's
 * classes. {@link io.tallymq.tally.CommandTable} has all commands.
 */
package io.tallymq.tally;
