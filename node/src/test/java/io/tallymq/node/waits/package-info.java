/** How long others wait while one client asks for much; {@code deploy/bench-waits} measures it. */
package io.tallymq.node.waits;
