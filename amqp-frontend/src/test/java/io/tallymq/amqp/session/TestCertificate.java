package io.tallymq.amqp.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate that vouches for itself, made by the JDK's keytool, as PEM files and as a key store. */
final class TestCertificate {
    private static final char[] PASSWORD = "secret".toCharArray();

    private final KeyStore store;

    private TestCertificate(KeyStore store) {
        this.store = store;
    }

    /** @param directory for the key store, whose name is the common name */
    static TestCertificate of(String commonName, Path directory) throws Exception {
        Path file = Files.createTempFile(directory, commonName, ".p12");
        Files.delete(file);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + commonName + ", O=Test",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool: " + said);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new TestCertificate(store);
    }

    KeyStore store() {
        return store;
    }

    char[] password() {
        return PASSWORD.clone();
    }

    /** A key store with the certificate alone. */
    KeyStore trusted() throws GeneralSecurityException, IOException {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("own", store.getCertificate("own"));
        return trust;
    }

    void writeCertificate(Path file) throws GeneralSecurityException, IOException {
        write(file, "CERTIFICATE", store.getCertificate("own").getEncoded());
    }

    void writeKey(Path file) throws GeneralSecurityException, IOException {
        write(file, "PRIVATE KEY", store.getKey("own", PASSWORD).getEncoded());
    }

    private static void write(Path file, String what, byte[] bytes) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.write(file, List.of("-----BEGIN " + what + "-----", base64, "-----END " + what + "-----"));
    }
}
