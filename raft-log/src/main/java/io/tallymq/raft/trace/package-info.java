/** What is known of single messages whose publishers asked for it (the header x-trace): who tells what of them, and what the nodes told each other. */
package io.tallymq.raft.trace;
