package io.tallymq.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.broker.access.NamePattern;
import io.tallymq.login.CertificateName.Source;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By which of its names a certificate logs in. */
class CertificateNameTest {
    @TempDir
    private Path dir;

    /** A certificate of the JDK's keytool. */
    private X509Certificate make(String subject, String alternatives) throws Exception {
        Path store = dir.resolve("k" + System.nanoTime() + ".p12");
        List<String> gen = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC", "-dname", subject));
        if (alternatives != null) {
            gen.addAll(List.of("-ext", "san=" + alternatives));
        }
        keytool(store, gen);
        byte[] made = keytool(store, List.of("-exportcert"));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(made));
    }

    private static byte[] keytool(Path store, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(arguments);
        command.addAll(List.of("-alias", "own", "-storepass", "secret", "-keystore", store.toString()));
        Process keytool = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        byte[] said = keytool.getInputStream().readAllBytes();
        assertEquals(true, keytool.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, keytool.exitValue());
        return said;
    }

    private static String name(X509Certificate shown, Source source, String rule) {
        return new CertificateName(source, rule == null ? null : NamePattern.of(rule)).of(shown);
    }

    @Test
    void eachKindOfName() throws Exception {
        X509Certificate ann = make(
                "CN=ann, OU=Orders, O=Test",
                "dns:a.example.com,dns:b.example.com,email:ann@example.com,uri:spiffe://example.com/ns/orders/sa/ann");
        assertEquals("ann", CertificateName.COMMON.of(ann));
        assertEquals("CN=ann,OU=Orders,O=Test", name(ann, Source.DISTINGUISHED_NAME, null));
        assertEquals("a.example.com", name(ann, Source.SAN_DNS, null), "the first one");
        assertEquals("ann@example.com", name(ann, Source.SAN_EMAIL, null));
        assertEquals("spiffe://example.com/ns/orders/sa/ann", name(ann, Source.SAN_URI, null));
    }

    @Test
    void ofSeveralCommonNamesTheMostSpecificOneCounts() throws Exception {
        X509Certificate ann = make("CN=ann, CN=Users, DC=corp, DC=example", null);
        assertEquals("CN=ann,CN=Users,DC=corp,DC=example", name(ann, Source.DISTINGUISHED_NAME, null));
        assertEquals("ann", CertificateName.COMMON.of(ann));
        assertEquals("bob", CertificateName.COMMON.of(make("OU=Staff, CN=bob, CN=Users, DC=corp", null)));
    }

    @Test
    void aRuleTakesAPartOfTheWholeName() throws Exception {
        X509Certificate ann = make("CN=ann", "email:ann@example.com,uri:spiffe://example.com/ns/orders/sa/ann");
        assertEquals("ann", name(ann, Source.SAN_EMAIL, "([^@]+)@example[.]com"));
        assertEquals("orders", name(ann, Source.SAN_URI, "spiffe://example[.]com/ns/([^/]+)/sa/.*"));
        assertEquals("ann", name(ann, Source.DISTINGUISHED_NAME, "(?i)cn=([^,]+)(?:,.*)?"));
        assertNull(name(ann, Source.SAN_EMAIL, "([^@]+)@example"), "the rest of the name is not as it says");
        assertNull(name(ann, Source.SAN_EMAIL, "nn(.*)"));
        assertNull(name(ann, Source.SAN_EMAIL, "ann(x?)@example[.]com"), "nobody has no name");
    }

    @Test
    void whoHasNoSuchNameIsNobody() throws Exception {
        X509Certificate plain = make("O=Test", null);
        for (Source source : List.of(Source.COMMON_NAME, Source.SAN_DNS, Source.SAN_EMAIL, Source.SAN_URI)) {
            assertNull(name(plain, source, null), source.name());
        }
        assertEquals("O=Test", name(plain, Source.DISTINGUISHED_NAME, null));
        assertNull(name(make("CN=ann", "ip:127.0.0.1"), Source.SAN_DNS, null));
    }

    @Test
    void aRuleHasOneGroup() {
        assertThrows(IllegalArgumentException.class, () -> name(null, Source.COMMON_NAME, "ann"));
        assertThrows(IllegalArgumentException.class, () -> name(null, Source.COMMON_NAME, "(a)(n)"));
    }
}
