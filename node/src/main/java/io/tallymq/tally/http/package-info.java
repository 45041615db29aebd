/** The nodes' HTTP API, seen from a client. */
package io.tallymq.tally.http;
