/** Nodes and connections come and go, with their bodies in parts and what they hold. */
package io.tallymq.broker.life;
