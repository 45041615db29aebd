package io.tallymq.tally.certs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.tally.certs.CertificateMaker.Validity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateMakerTest {
    @TempDir
    private Path dir;

    private static X509Certificate certificate(Path file) throws Exception {
        List<X509Certificate> all = PemText.certificates(file);
        assertEquals(1, all.size());
        return all.get(0);
    }

    @Test
    void anAuthorityAndANode() throws Exception {
        CertificateMaker maker = new CertificateMaker(dir.resolve("certs"));
        assertTrue(maker.makeAuthority(Validity.days(3650)));
        maker.make("n1", List.of("broker-1.example", "10.0.0.1", "::1"), Validity.days(30), false);
        X509Certificate authority = certificate(maker.authority());
        X509Certificate node = certificate(dir.resolve("certs/n1.pem"));
        assertEquals(0, authority.getBasicConstraints());
        assertEquals(-1, node.getBasicConstraints());
        node.verify(authority.getPublicKey());
        List<String> names = new ArrayList<>();
        node.getSubjectAlternativeNames().forEach(each -> names.add(String.valueOf(each.get(1))));
        assertEquals(List.of("broker-1.example", "10.0.0.1", "0:0:0:0:0:0:0:1"), names);
        assertEquals(
                List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), node.getExtendedKeyUsage()); // server and client
        Duration left = Duration.between(Instant.now(), node.getNotAfter().toInstant());
        assertTrue(left.toDays() >= 29 && left.toDays() <= 30, left::toString);
        for (String key : List.of("ca-key.pem", "n1-key.pem")) {
            Path file = dir.resolve("certs").resolve(key);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            PemText.key(file);
        }

        byte[] before = Files.readAllBytes(maker.authority());
        assertFalse(maker.makeAuthority(Validity.days(1)), "the one that is there is used");
        assertEquals(List.of(before.length), List.of(Files.readAllBytes(maker.authority()).length));
        String told = assertThrows(
                        IOException.class, () -> maker.make("n1", List.of("10.0.0.1"), Validity.days(30), false))
                .getMessage();
        assertTrue(told.contains("n1.pem is there already") && told.contains("--force"), told);
        assertEquals(node, certificate(maker.certificate("n1")));
        maker.make("n1", List.of("10.0.0.2"), Validity.days(30), true);
        certificate(maker.certificate("n1")).verify(authority.getPublicKey());
    }

    @Test
    void whatCanNotBe() throws Exception {
        CertificateMaker maker = new CertificateMaker(dir);
        for (String name : List.of("ca", "../n1", "", "a,O=b")) {
            assertThrows(IOException.class, () -> maker.make(name, List.of("a"), Validity.days(1), false), name);
        }
        for (List<String> hosts : List.of(List.<String>of(), List.of("a,dns:b"), List.of("a b"))) {
            assertThrows(IOException.class, () -> maker.make("n1", hosts, Validity.days(1), false));
        }
        Files.writeString(maker.authority(), "something");
        String told = assertThrows(IOException.class, () -> maker.makeAuthority(Validity.days(1)))
                .getMessage();
        assertTrue(told.contains("ca-key.pem is missing"), told);
    }
}
