package io.tallymq.node.config.value;

/** Whether clients that come by TLS are asked for a certificate. */
public enum ClientCertificates {
    NONE,
    OPTIONAL,
    REQUIRED
}
