/** How much of each kind the replicated state takes: it is in memory on every node, so a client must not make it grow for ever. */
package io.tallymq.broker.limits;
