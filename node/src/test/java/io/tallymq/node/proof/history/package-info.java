/** What clients did and saw, as a list of events, and who judges it. Knows no broker. */
package io.tallymq.node.proof.history;
