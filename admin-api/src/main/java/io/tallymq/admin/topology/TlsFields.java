package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.ClientTraffic.Certificate;
import io.tallymq.admin.request.ClientTraffic.Tls;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What TLS is to RabbitMQ's rows of connections: the suite in parts, in Erlang's words. Null for what there is none of. */
final class TlsFields {
    private static final String PREFIX = "TLS_";
    private static final String WITH = "_WITH_";
    /** Of suites of TLS 1.3, which are for any way of exchanging keys. */
    private static final String ANY = "any";
    /** Of ciphers that find out by themselves whether somebody changed something. */
    private static final String AEAD = "aead";

    private TlsFields() {}

    static void put(ObjectNode row, Tls tls) {
        row.put("ssl", tls != null);
        row.put("ssl_protocol", tls == null ? null : tls.protocol().toLowerCase(Locale.ROOT));
        putSuite(row, tls == null ? null : tls.suite());
        putCertificate(row, tls == null ? null : tls.certificate());
    }

    private static void putSuite(ObjectNode row, String suite) {
        String name = suite == null || !suite.startsWith(PREFIX) ? null : suite.substring(PREFIX.length());
        int with = name == null ? -1 : name.indexOf(WITH);
        String rest = with < 0 ? name : name.substring(with + WITH.length());
        int hash = rest == null ? -1 : rest.lastIndexOf('_');
        boolean isKnown = hash > 0;
        row.put("ssl_key_exchange", !isKnown ? null : with < 0 ? ANY : lower(name.substring(0, with)));
        row.put("ssl_cipher", isKnown ? lower(rest.substring(0, hash)) : suite);
        row.put("ssl_hash", !isKnown ? null : isAead(rest) ? AEAD : lower(rest.substring(hash + 1)));
    }

    private static boolean isAead(String cipher) {
        return cipher.contains("_GCM_") || cipher.contains("_CCM") || cipher.contains("_POLY1305_");
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static void putCertificate(ObjectNode row, Certificate c) {
        row.put("peer_cert_subject", c == null ? null : c.subject());
        row.put("peer_cert_issuer", c == null ? null : c.issuer());
        row.put(
                "peer_cert_validity",
                c == null
                        ? null
                        : c.from().truncatedTo(ChronoUnit.SECONDS) + " - "
                                + c.until().truncatedTo(ChronoUnit.SECONDS));
    }
}
