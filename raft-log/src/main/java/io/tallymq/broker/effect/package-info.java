/** What comes out: replies to who sent a command, and what nodes have to do because of it. */
package io.tallymq.broker.effect;
