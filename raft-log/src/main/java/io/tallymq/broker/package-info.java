/**
 * The pure core: what the broker decides, from a command, the entry's time and its own state. No I/O, no clock, no
 * randomness, no threads, no iteration in hash order: the same log gives the same state, replies and effects on every
 * replica, for ever.
 */
package io.tallymq.broker;
