package io.tallymq.node.config;

/** Whether clients that come by TLS are asked for a certificate. */
public enum ClientCertificates {
    NONE,
    OPTIONAL,
    REQUIRED
}
