/** Certificates for TLS: between the nodes, and for what clients are shown. */
package io.tallymq.tally.certs;
