package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a client sends without waiting: on one channel it sees the answers in the order in which it asked, nothing behind an error
 * acts, and nothing that was refused is acked.
 */
class PipelineTest {
    private static final int QUEUES = 3;
    private static final String MISSING = "no-such-exchange";

    private TestServer server;
    private Connection connection;
    private Channel control;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
        connection = server.connect();
        control = connection.createChannel();
        control.confirmSelect();
        for (int q = 0; q < QUEUES; q++) {
            control.queueDeclare("q" + q, true, false, false, null);
        }
    }

    @AfterEach
    void stop() {
        connection.abort();
        server.close();
    }

    /** Frames that go out in one write. */
    private static final class Script {
        private final ByteBuf out = Unpooled.buffer();

        Script method(Method m) {
            FrameWriter.method(out, 1, m);
            return this;
        }

        Script connection(Method m) {
            FrameWriter.method(out, 0, m);
            return this;
        }

        Script publish(String exchange, String key, boolean mandatory) {
            method(new BasicMethod.Publish(ShortString.of(exchange), ShortString.of(key), mandatory, false));
            out.writeByte(Frame.HEADER).writeShort(1).writeInt(14);
            out.writeShort(60).writeShort(0).writeLong(0).writeShort(0).writeByte(Frame.END);
            return this;
        }

        void to(RawClient client) throws IOException {
            client.send(out);
        }
    }

    private static String shown(Method m) {
        if (m instanceof BasicMethod.Ack ack) {
            return "ack " + ack.deliveryTag() + (ack.multiple() ? "*" : "");
        }
        return m instanceof ChannelMethod.Close close ? "close " + close.replyCode() : m.name();
    }

    /** The methods up to the last one that is expected. */
    private static List<String> answers(RawClient client, int count) throws IOException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(shown(client.receiveMethod()));
        }
        return all;
    }

    private void expect(Script script, String... answers) throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            script.to(client);
            assertEquals(List.of(answers), answers(client, answers.length));
        }
    }

    private void ready(String queue) throws IOException {
        control.basicPublish("", queue, null, new byte[0]);
        assertTrue(waitForConfirms());
    }

    private boolean waitForConfirms() throws IOException {
        try {
            return control.waitForConfirms();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Method declare(String queue) {
        return new QueueMethod.Declare(queue, false, false, false, false, false, FieldTable.EMPTY);
    }

    @Test
    void aRefusedPublishIsNotAckedWhenItsChannelIsClosing() throws IOException {
        for (int i = 0; i < 200; i++) {
            expect(
                    new Script()
                            .method(new ConfirmMethod.Select(false))
                            .publish(MISSING, "k", false)
                            .method(new ChannelMethod.Close(200, "", 0, 0)),
                    "confirm.select-ok",
                    "close 404",
                    "channel.close-ok");
        }
    }

    @Test
    void anAckBehindAnErrorIsVoidAndOneBeforeItCounts() throws IOException {
        for (boolean ackFirst : new boolean[] {true, false}) {
            ready("q0");
            try (RawClient client = server.raw().open().openChannel(1)) {
                client.send(1, new BasicMethod.Get("q0", false));
                client.expect(BasicMethod.GetOk.class);
                Script script = new Script();
                if (ackFirst) {
                    script.method(new BasicMethod.Ack(1, false)).publish(MISSING, "k", false);
                } else {
                    script.publish(MISSING, "k", false).method(new BasicMethod.Ack(1, false));
                }
                script.to(client);
                assertEquals(404, client.expect(ChannelMethod.Close.class).replyCode());
                client.send(1, new ChannelMethod.CloseOk());
                client.openChannel(1).send(1, new QueueMethod.Purge("q1", false));
                client.expect(QueueMethod.PurgeOk.class); // so the broker has heard of the channel's end
            }
            GetResponse again = control.basicGet("q0", true);
            assertEquals(!ackFirst, again != null && again.getEnvelope().isRedeliver());
        }
    }

    @Test
    void whatFollowsAnErrorDoesNotAct() throws IOException {
        ready("q0");
        expect(
                new Script()
                        .publish(MISSING, "k", false)
                        .publish("", "q1", false)
                        .method(declare("late"))
                        .method(new QueueMethod.Purge("q0", false))
                        .method(new QueueMethod.Delete("q2", false, false, true))
                        .method(new BasicMethod.Get("q0", true))
                        .method(new BasicMethod.Qos(0, 1, true)),
                "close 404");
        assertEquals(1, control.messageCount("q0"));
        assertEquals(0, control.messageCount("q1"));
        assertEquals(0, control.messageCount("q2"));
        assertThrows(IOException.class, () -> control.queueDeclarePassive("late"));
    }

    @Test
    void anErrorOfACommandEndsWhatFollows() throws IOException {
        expect(
                new Script()
                        .method(new QueueMethod.Declare("none", true, false, false, false, false, FieldTable.EMPTY))
                        .publish("", "q1", false)
                        .method(new BasicMethod.Consume("q0", "c", false, false, false, false, FieldTable.EMPTY)),
                "close 404");
        assertEquals(0, control.messageCount("q1"));
        assertEquals(0, control.consumerCount("q0"));
    }

    @Test
    void answersThatTheNodeKnowsWaitForThoseBefore() throws IOException {
        Method close = new ChannelMethod.Close(200, "", 0, 0);
        List<Method> local = List.of(
                new BasicMethod.Qos(0, 5, false),
                new ConfirmMethod.Select(false),
                new BasicMethod.Recover(true),
                new ChannelMethod.Flow(true),
                close);
        for (Method m : local) {
            expect(
                    new Script().publish("", "nowhere", true).method(m),
                    "basic.return",
                    m == close ? "channel.close-ok" : m.name() + "-ok");
            expect(
                    new Script()
                            .publish("amq.topic", "nowhere", true)
                            .publish(MISSING, "k", true)
                            .method(m),
                    "basic.return",
                    "close 404");
        }
    }

    @Test
    void connectionCloseIsAnsweredBehindWhatIsDue() throws IOException {
        ConnectionMethod.Close close = new ConnectionMethod.Close(200, "", 0, 0);
        expect(
                new Script()
                        .method(new ConfirmMethod.Select(false))
                        .publish("", "nowhere", true)
                        .publish(MISSING, "k", false)
                        .connection(close),
                "confirm.select-ok",
                "basic.return",
                "ack 1",
                "close 404",
                "connection.close-ok");
    }

    @Test
    void aChannelIsThereAgainAfterAnError() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            new Script().publish(MISSING, "k", false).publish("", "q0", false).to(client);
            client.expect(ChannelMethod.Close.class);
            new Script()
                    .publish("", "q0", false)
                    .method(new ChannelMethod.CloseOk())
                    .method(new ChannelMethod.Open())
                    .publish("", "q1", false)
                    .method(declare("q1"))
                    .to(client);
        }
        try (RawClient client = server.raw().open().openChannel(1)) {
            new Script().publish(MISSING, "k", false).to(client);
            client.expect(ChannelMethod.Close.class);
            new Script()
                    .method(new ChannelMethod.CloseOk())
                    .method(new ChannelMethod.Open())
                    .method(new ConfirmMethod.Select(false))
                    .publish("", "q2", false)
                    .to(client);
            assertEquals(List.of("channel.open-ok", "confirm.select-ok", "ack 1"), answers(client, 3));
        }
        assertEquals(0, control.messageCount("q0"));
        assertEquals(1, control.messageCount("q2"));
    }

    /** Random scripts in one write, against what one client at a time would see. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomScripts(long seed) throws IOException {
        Random random = new Random(seed);
        long[] ready = new long[QUEUES];
        for (int round = 0; round < 60; round++) {
            Expected expected = new Expected(random, ready);
            try (RawClient client = server.raw().open().openChannel(1)) {
                expected.script.to(client);
                List<String> seen = new ArrayList<>();
                long acked = 0;
                while (seen.size() < expected.answers.size()) {
                    Method m = client.receiveMethod();
                    if (m instanceof BasicMethod.Ack ack) {
                        acked = ack.deliveryTag();
                    } else {
                        seen.add(shown(m));
                    }
                }
                String what = "seed " + seed + ", round " + round + ": " + expected.asked;
                assertEquals(expected.answers, seen, what);
                assertEquals(expected.acked, acked, what);
            }
            for (int q = 0; q < QUEUES; q++) {
                assertEquals(ready[q], control.messageCount("q" + q), "q" + q + ": " + expected.asked);
            }
        }
    }

    /** A script and what has to come of it. */
    private static final class Expected {
        final Script script = new Script();
        final List<String> asked = new ArrayList<>();
        final List<String> answers = new ArrayList<>();
        long acked;
        private final Random random;
        private final long[] ready;
        private boolean ended;
        private long published;

        Expected(Random random, long[] ready) {
            this.random = random;
            this.ready = ready;
            ask("select", new ConfirmMethod.Select(false), "confirm.select-ok");
            int steps = 1 + random.nextInt(12);
            for (int i = 0; i < steps; i++) {
                step();
            }
            if (random.nextBoolean()) {
                asked.add("channel.close");
                script.method(new ChannelMethod.Close(200, "", 0, 0));
                answers.add("channel.close-ok");
            } else {
                asked.add("connection.close");
                script.connection(new ConnectionMethod.Close(200, "", 0, 0));
                answers.add("connection.close-ok");
            }
        }

        private void ask(String what, Method m, String answer) {
            asked.add(what);
            script.method(m);
            if (!ended) {
                answers.add(answer);
            }
        }

        private void step() {
            int q = random.nextInt(QUEUES);
            switch (random.nextInt(12)) {
                case 0 -> ask("qos", new BasicMethod.Qos(0, 3, random.nextBoolean()), "basic.qos-ok");
                case 1 -> ask("recover", new BasicMethod.Recover(true), "basic.recover-ok");
                case 2 ->
                    ask(
                            "declare q" + q,
                            new QueueMethod.Declare("q" + q, false, true, false, false, false, FieldTable.EMPTY),
                            "queue.declare-ok");
                case 3 -> {
                    ask("purge q" + q, new QueueMethod.Purge("q" + q, false), "queue.purge-ok");
                    ready[q] = ended ? ready[q] : 0;
                }
                case 4 -> fails("declare other", declare("q" + q), "close 406");
                case 5 -> fails("bad ack", new BasicMethod.Ack(77, false), "close 406");
                case 6 -> fails("get", new BasicMethod.Get("none", true), "close 404");
                case 7 -> {
                    published();
                    asked.add("return");
                    script.publish("", "nowhere", true);
                    if (!ended) {
                        answers.add("basic.return");
                    }
                }
                case 8 -> {
                    asked.add("publish missing");
                    script.publish(MISSING, "k", random.nextBoolean());
                    end("close 404");
                }
                default -> {
                    published();
                    asked.add("publish q" + q);
                    script.publish("", "q" + q, random.nextBoolean());
                    ready[q] += ended ? 0 : 1;
                }
            }
        }

        private void published() {
            published++;
            acked = ended ? acked : published;
        }

        private void fails(String what, Method m, String answer) {
            asked.add(what);
            script.method(m);
            end(answer);
        }

        private void end(String answer) {
            if (!ended) {
                ended = true;
                answers.add(answer);
            }
        }
    }
}
