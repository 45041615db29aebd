package io.tallymq.broker.logs;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReplyConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/** The part of a {@link LogRun} that has to do with direct replies, and the model of who consumes them. */
final class LogReplies {
    private static final QueueSpec ANY = new QueueSpec(false, false, false, Arguments.NONE);

    private final Entries log;
    private final TreeMap<String, ReplyConsumer> consumers = new TreeMap<>();
    private final List<String> tokens = new ArrayList<>(List.of("nobody's"));
    /** What came of the publish in hand. */
    private ReplyConsumer reached;

    private long upload;

    LogReplies(Entries log) {
        this.log = log;
    }

    void step(Op op, ConnectionId c, long newUpload) {
        int channel = op.b() % 3;
        String token = tokens.get(op.c() % tokens.size());
        switch (op.d() % 5) {
            case 0, 1 -> consume(c, channel);
            case 2 -> {
                log.entry(c, new ConsumeReplies(c, channel, ""));
                gone(c, channel);
            }
            case 3 -> reply(c, token, 0, true);
            default -> {
                byte[] part = new byte[40];
                Reply kept = log.entry(c, new BodyPart(c, newUpload, part, 0, part.length));
                reply(c, token, newUpload, !(kept instanceof Reply.Rejected r && r.reason() == Reply.Reason.LIMIT));
                if (upload != 0 && op.b() % 2 == 0) {
                    log.entry(c, new DropUpload(reached.connection(), upload));
                }
            }
        }
        Reply declared = log.entry(c, new DeclareQueue(c, "/", DirectReplyTo.name(token), ANY, true));
        check(declared instanceof Reply.QueueDeclared == consumers.containsKey(token), token + " is " + declared);
    }

    private void consume(ConnectionId c, int channel) {
        boolean free = consumers.values().stream().noneMatch(r -> r.connection().equals(c) && r.channel() == channel);
        String token = "t" + tokens.size();
        Reply r = log.entry(c, new ConsumeReplies(c, channel, token));
        check(free || r != Reply.OK, "two reply consumers of one channel");
        if (r == Reply.OK) {
            tokens.add(token);
            consumers.put(token, new ReplyConsumer(c, channel, token));
        }
    }

    /** @param kept whether its body, if it came before, found room */
    private void reply(ConnectionId c, String token, long external, boolean kept) {
        reached = null;
        upload = 0;
        ByteWriter w = new ByteWriter();
        int flags = external == 0 ? 0 : MessageRecord.EXTERNAL_BODY;
        MessageRecord.writeHeader(w, flags, 0, 2, external == 0 ? 0 : MessageRecord.EXTERNAL_LENGTH);
        w.uint16(0);
        if (external != 0) {
            w.int64(external).int64(0).int64(40);
        }
        List<Route> routes = List.of(new Route("/", "", DirectReplyTo.name(token)));
        log.entry(c, new Publish(routes, w.array(), 0, w.size(), 0, Origins.NONE));
        check(Objects.equals(reached, kept ? consumers.get(token) : null), token + " reached " + reached);
    }

    /** The effect. */
    void reached(ReplyConsumer to, long itsUpload) {
        reached = to;
        upload = itsUpload;
    }

    /** Channels of a connection, all when -1, are gone. */
    void gone(ConnectionId c, int channel) {
        consumers.values().removeIf(r -> r.connection().equals(c) && (channel < 0 || r.channel() == channel));
    }

    private static void check(boolean ok, String what) {
        if (!ok) {
            throw new AssertionError(what);
        }
    }
}
