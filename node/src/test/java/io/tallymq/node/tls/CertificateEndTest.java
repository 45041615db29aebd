package io.tallymq.node.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.ClientAuth;
import io.tallymq.net.NodesTls;
import io.tallymq.net.PemFile;
import io.tallymq.net.TlsIdentity;
import io.tallymq.tally.certs.CertificateMaker;
import io.tallymq.tally.certs.CertificateMaker.Validity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An authority or a certificate of the chain that ends first is as bad as the node's own: that is the end that is told. */
class CertificateEndTest {
    @TempDir
    private static Path directory;

    private static CertificateMaker maker;
    private static Instant authority;
    private static Instant own;

    @BeforeAll
    static void make() throws Exception {
        maker = new CertificateMaker(directory);
        maker.makeAuthority(Validity.days(10));
        maker.make("n1", List.of("localhost"), Validity.days(100), false);
        authority = end(maker.authority());
        own = end(maker.certificate("n1"));
        assertTrue(authority.isBefore(own));
    }

    private static Instant end(Path file) throws Exception {
        return PemFile.certificates(file).get(0).getNotAfter().toInstant();
    }

    private static Instant shown(Path certificate, Path authorities) throws Exception {
        return new TlsIdentity(new TlsIdentity.Pem(certificate, maker.key("n1"), authorities, ClientAuth.NONE)).end();
    }

    @Test
    void ofWhatClientsAreShown() throws Exception {
        assertEquals(own, shown(maker.certificate("n1"), null));
        assertEquals(authority, shown(maker.certificate("n1"), maker.authority()));
        Path chain = directory.resolve("chain.pem");
        Files.writeString(chain, Files.readString(maker.certificate("n1")) + Files.readString(maker.authority()));
        assertEquals(authority, shown(chain, null));
    }

    @Test
    void ofWhatNodesAreShown() throws Exception {
        var pem = new NodesTls.Pem(maker.certificate("n1"), maker.key("n1"), maker.authority());
        assertEquals(authority, new NodesTls(pem, new NodesTls.Members("localhost", Set.of("localhost"))).end());
    }
}
