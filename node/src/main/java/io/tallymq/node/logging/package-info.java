/** The node's log: what is written, in which form, what libraries say in it, and the last lines of it in memory. */
package io.tallymq.node.logging;
