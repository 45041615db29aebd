/** What all ports that accept connections share. */
package io.tallymq.net;
