package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nobody takes the standard output, or no more of it: then nothing was told, and nobody is to believe it was. */
@ExtendWith(TallyNode.Shared.class)
class StandardOutputTest {
    private static final String FULL = "the standard output can not be written: No space left on device";

    /** A disk with so much room. */
    private static final class Disk extends OutputStream {
        private int room;

        Disk(int room) {
            this.room = room;
        }

        @Override
        public void write(int b) throws IOException {
            if (room-- <= 0) {
                throw new IOException("No space left on device");
            }
        }
    }

    @TempDir
    private Path dir;

    @Test
    void anAnswerThatIsNotWrittenIsNone(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.into(new Disk(20), "definitions", "export").refused(1, FULL);
        typed.into(new Disk(0), "queues", "list", "--json").refused(1, FULL);
        typed.into(new Disk(0), "--help").refused(1, FULL);
        typed.into(new Disk(2_000), "backup", "-").refused(1, "the backup is not complete: No space left on device");
    }

    @Test
    void whatCanNotBeShownStays(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "o1").ok();
        typed.run("publish", "-k", "o1", "precious").ok();
        typed.run("publish", "-k", "o1", "second").ok();
        typed.into(new Disk(5), "get", "o1", "--ack", "--raw", "--count", "2").refused(1, FULL);
        typed.into(new Disk(5), "get", "o1", "--mode", "reject").refused(1, FULL);
        assertEquals(
                "precioussecond",
                typed.run("get", "o1", "--ack", "--raw", "--count", "3").ok().out());
        assertTrue(typed.run("get", "o1", "--ack").ok().out().contains("no message is ready"));
        typed.run("get", "none", "--ack").refused(1, "no queue 'none'");
        typed.run("queues", "delete", "o1").ok();
    }

    @Test
    void tailEndsWithWhoReadsIt(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("exchanges", "declare", "o2", "--type", "topic").ok();
        var tail = CompletableFuture.supplyAsync(() -> Typed.at(node).into(new Disk(0), "tail", "o2", "--json"));
        while (typed.run("bindings", "list", "--source", "o2", "--json")
                .ok()
                .json()
                .isEmpty()) {
            assertTrue(!tail.isDone(), () -> tail.join().toString());
        }
        typed.run("publish", "-e", "o2", "-k", "a", "first").ok();
        tail.get(60, TimeUnit.SECONDS).refused(1, FULL);
        typed.run("exchanges", "delete", "o2").ok();
    }

    @Test
    void topEndsWithWhoReadsIt(TallyNode node) throws Exception {
        for (String[] command :
                new String[][] {{"top", "--interval", "0.01"}, {"top", "--interval", "0.01", "--json"}}) {
            CompletableFuture.supplyAsync(() -> Typed.at(node).into(new Disk(0), command))
                    .get(60, TimeUnit.SECONDS)
                    .refused(1, FULL);
        }
    }

    @Test
    void logsEndWithWhoReadsThem() throws Exception {
        Files.writeString(
                dir.resolve("cluster.env"),
                "FORMAT=1\nNODES=1\nAMQP_PORT=4\nHTTP_PORT=1\nRAFT_PORT=2\nLINK_PORT=3\nCLUSTER_NAME=c\nCLUSTER_SECRET=s\n");
        Files.writeString(Files.createDirectory(dir.resolve("node1")).resolve("log"), "a line\n");
        CompletableFuture.supplyAsync(
                        () -> Typed.nowhere().into(new Disk(0), "local", "logs", "--follow", "--dir", dir.toString()))
                .get(60, TimeUnit.SECONDS)
                .refused(1, FULL);
    }
}
