package io.tallymq.net;

import java.security.cert.CertificateException;

/** Why a node's certificate was not taken, in words for the log. It has been logged where it is thrown. */
final class MistrustException extends CertificateException {
    private static final long serialVersionUID = 1;

    /** @param cause what the JDK takes the alert from that the other side hears */
    MistrustException(String message, Throwable cause) {
        super(message, cause);
    }

    static boolean isIn(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof MistrustException) {
                return true;
            }
        }
        return false;
    }
}
