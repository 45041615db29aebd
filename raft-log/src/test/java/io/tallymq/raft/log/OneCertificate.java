package io.tallymq.raft.log;

import io.tallymq.net.NodesTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** One certificate that all nodes at 127.0.0.1 share, and that is its own authority. */
public final class OneCertificate {
    private static final String PASSWORD = "secret";

    private OneCertificate() {}

    public static NodesTls in(Path dir) throws Exception {
        Path store = dir.resolve("work.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "node",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=n1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Path certificate = write(
                dir.resolve("node.pem"),
                "CERTIFICATE",
                keys.getCertificate("node").getEncoded());
        Path key = write(
                dir.resolve("node-key.pem"),
                "PRIVATE KEY",
                keys.getKey("node", PASSWORD.toCharArray()).getEncoded());
        return new NodesTls(
                new NodesTls.Pem(certificate, key, certificate),
                new NodesTls.Members("127.0.0.1", Set.of("127.0.0.1")));
    }

    private static Path write(Path file, String what, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(bytes);
        return Files.write(file, List.of("-----BEGIN " + what + "-----", text, "-----END " + what + "-----"));
    }
}
