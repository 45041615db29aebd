package io.tallymq.raft.log.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
    @TempDir
    Path dir;

    @Test
    void everyStartHasANumberOfItsOwn() throws RaftStartException {
        assertEquals(new NodeIdentity(true, 1), claim("n1", "n1"));
        assertEquals(new NodeIdentity(false, 2), claim("n1", "n1"));
        assertEquals(new NodeIdentity(false, 3), claim("n1", "n1"));
    }

    @Test
    void aStartThatIsRefusedDoesNotCount() throws RaftStartException {
        claim("n1", "n1");
        assertThrows(RaftStartException.class, () -> claim("n2", "n2"));
        assertEquals(2, claim("n1", "n1").starts());
    }

    @Test
    void aNameMayChangeAnIdMayNot() throws Exception {
        claim("n1", "n1");
        String text = assertThrows(RaftStartException.class, () -> claim("fresh", "fresh"))
                .getMessage();
        assertTrue(text.contains("write fresh:n1@ in place of fresh@ in cluster.peers"), text);
        assertEquals(new NodeIdentity(false, 2), claim("n1", "fresh"));
        String file = Files.readString(dir.resolve(NodeIdentity.FILE));
        assertTrue(file.contains("id=n1\nname=fresh\n"), file);
        assertThrows(RaftStartException.class, () -> claim("other", "fresh"));
    }

    private NodeIdentity claim(String id, String name) throws RaftStartException {
        return NodeIdentity.claim(dir, "c", new RaftNodeConfig.Peer(id, name, "127.0.0.1", 1, 2));
    }

    @Test
    void aFileThatIsNoListOfValuesIsDamaged() throws Exception {
        Files.writeString(dir.resolve(NodeIdentity.FILE), "format=1\ncluster=\\u00\nid=n1\nname=n1\nstarts=1\n");
        RaftStartException e = assertThrows(RaftStartException.class, () -> claim("n1", "n1"));
        assertTrue(e.isDamage() && e.getMessage().contains("is damaged"), e.getMessage());
    }

    @Test
    void aFileWithoutTheCountIsDamaged() throws Exception {
        Files.writeString(dir.resolve(NodeIdentity.FILE), "format=1\ncluster=c\nid=n1\nname=n1\n");
        RaftStartException e = assertThrows(RaftStartException.class, () -> claim("n1", "n1"));
        assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
    }
}
