package io.tallymq.tally.certs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates and keys as text, PEM (RFC 7468). */
final class PemText {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final int LINE = 64;

    private PemText() {}

    static String of(X509Certificate certificate) throws GeneralSecurityException {
        return block(CERTIFICATE, certificate.getEncoded());
    }

    /** PKCS #8, without a password. */
    static String of(PrivateKey key) {
        return block(KEY, key.getEncoded());
    }

    private static String begin(String what) {
        return "-----BEGIN " + what + "-----\n";
    }

    private static String end(String what) {
        return "\n-----END " + what + "-----\n";
    }

    private static String block(String what, byte[] encoded) {
        return begin(what) + Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(encoded) + end(what);
    }

    /** Those in a file, at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            List<X509Certificate> all = new ArrayList<>();
            CertificateFactory.getInstance("X.509").generateCertificates(in).forEach(c -> all.add((X509Certificate) c));
            if (all.isEmpty()) {
                throw new IOException(file + " holds no certificate");
            }
            return all;
        }
    }

    /** The key in a file, of an elliptic curve or RSA. */
    static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1).replace("\r", "");
        int begin = text.indexOf(begin(KEY));
        int end = text.indexOf(end(KEY));
        if (begin < 0 || end < begin) {
            throw new IOException(file + " holds no key in PEM (PKCS #8) without a password");
        }
        byte[] encoded =
                Base64.getMimeDecoder().decode(text.substring(begin + begin(KEY).length(), end));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (InvalidKeySpecException e) {
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        }
    }
}
