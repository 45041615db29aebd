package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
    @TempDir
    Path dir;

    @Test
    void everyStartHasANumberOfItsOwn() throws RaftStartException {
        assertEquals(new NodeIdentity(true, 1), NodeIdentity.claim(dir, "c", "n1"));
        assertEquals(new NodeIdentity(false, 2), NodeIdentity.claim(dir, "c", "n1"));
        assertEquals(new NodeIdentity(false, 3), NodeIdentity.claim(dir, "c", "n1"));
    }

    @Test
    void aStartThatIsRefusedDoesNotCount() throws RaftStartException {
        NodeIdentity.claim(dir, "c", "n1");
        assertThrows(RaftStartException.class, () -> NodeIdentity.claim(dir, "c", "n2"));
        assertEquals(2, NodeIdentity.claim(dir, "c", "n1").starts());
    }

    @Test
    void aFileWithoutTheCountIsDamaged() throws Exception {
        Files.writeString(dir.resolve(NodeIdentity.FILE), "format=1\ncluster=c\nnode=n1\n");
        RaftStartException e = assertThrows(RaftStartException.class, () -> NodeIdentity.claim(dir, "c", "n1"));
        assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
    }
}
