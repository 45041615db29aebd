package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection goes with many bodies that no message has taken: no entry does much with them. */
class UploadsGoneTest {
    private static final int MANY = 6_000;
    /** Per unit: the upload's record and its body. */
    private static final long MOST = 2L * WorkLimits.DEFAULTS.perEntry() + 50;

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;
    private final ConnectionId other = new ConnectionId("n1", 2);

    @BeforeEach
    void bodies() {
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new OpenConnection(other, OneNode.info()));
        for (long upload = 1; upload <= MANY; upload++) {
            part(node.connection, upload, 3);
        }
        part(other, MANY + 1, 3);
        node.commit();
        assertEquals(MANY + 1, stored(Keys.UPLOAD));
        counted.store().reset();
    }

    private void part(ConnectionId of, long upload, int length) {
        Reply r = node.apply(new BodyPart(of, upload, new byte[length], 0, length));
        assertTrue(r instanceof Reply.Uploaded, r::toString);
    }

    private int stored(byte type) {
        List<byte[]> all = new ArrayList<>();
        counted.memory().scan(Keys.of(type), (k, v) -> all.add(k));
        return all.size();
    }

    private void close() {
        counted.apply(new CloseConnection(node.connection, List.of()));
    }

    private void assertSettles(int left) {
        counted.settle();
        assertEquals(left, stored(Keys.UPLOAD));
        counted.assertEmpty(Keys.UPLOADS_LEFT);
        assertEquals(left, counted.node.machine.sizes().uploads());
        counted.restart();
    }

    @Test
    void theyGoBySeveralEntries() {
        close();
        counted.restart();
        assertSettles(1);
    }

    @Test
    void ofANodeThatIsLostAsWell() {
        counted.apply(new NodeLost("n1", 1, 1));
        assertSettles(0);
    }

    /** As after a restart of the node: its connections and their bodies have the same numbers again. */
    @Test
    void theirNumbersComeAgainMeanwhile() {
        close();
        counted.apply(new OpenConnection(node.connection, OneNode.info()));
        for (long upload = MANY; upload > MANY - 3; upload--) {
            counted.apply(new BodyPart(node.connection, upload, new byte[5], 0, 5));
        }
        counted.apply(new BodyPart(node.connection, MANY, new byte[5], 0, 5));
        counted.restart();
        assertSettles(4);
        close();
        counted.settle();
        assertEquals(1, stored(Keys.UPLOAD));
        counted.assertEmpty(Keys.UPLOADS_LEFT);
    }

    /** As after a restart of the node again: a reply comes to a connection, and its body had come before the earlier one of that number went. */
    @Test
    void aReplyToALaterOneOfThatNumberKeepsItsBody() {
        part(node.connection, MANY + 2, 3);
        close();
        counted.apply(new OpenConnection(node.connection, OneNode.info()));
        counted.apply(new ConsumeReplies(node.connection, 1, "a"));
        counted.apply(reply("a", MANY + 1));
        assertEquals(1, node.replies.size());
        String[] words = node.replies.get(0).split(" ");
        long handed = Long.parseLong(words[words.length - 3]);
        long shared = Long.parseLong(words[words.length - 1]);
        assertEquals(MANY + 1, shared);
        counted.restart();
        assertSettles(1);
        assertEquals(3, counted.memory().loadShared(shared, 0).length);
        counted.apply(new DropUpload(node.connection, handed));
        assertEquals(0, stored(Keys.UPLOAD));
        assertNull(counted.memory().loadShared(shared, 0));
    }

    /** One whose body came before, of three bytes. */
    private static Publish reply(String token, long upload) {
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, 2, MessageRecord.EXTERNAL_LENGTH);
        w.uint16(0).int64(upload).int64(0).int64(3);
        Route to = new Route("/", "", DirectReplyTo.name(token));
        return new Publish(List.of(to), w.array(), 0, w.size(), 0, Origins.NONE);
    }
}
