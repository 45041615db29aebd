package io.tallymq.broker.logs;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Messages come: in batches, in transactions, with bodies in parts, for later, and as direct replies. */
final class PublishSteps implements Steps {
    private static final int TOKENS = 5;

    private final Log log;
    private final Messages messages = new Messages();
    /** What receivers of direct replies have to drop. */
    private final List<DropUpload> handedOver = new ArrayList<>();

    PublishSteps(Log log) {
        this.log = log;
    }

    @Override
    public Map<Kind, Step> kinds() {
        return Map.of(
                Kind.PUBLISH, this::publish,
                Kind.UPLOAD, this::upload,
                Kind.TRANSACTION, this::transaction,
                Kind.CALL_OFF, this::callOff,
                Kind.SCHEDULE, this::schedule,
                Kind.REPLIES, this::replies);
    }

    private static Clients.Channel channel(ConnectionId c, Dice dice) {
        return new Clients.Channel(c, dice.below(Clients.CHANNELS));
    }

    private Route route(Dice dice) {
        if (dice.oneIn(2)) {
            return new Route("/", "", log.queue(dice));
        }
        return switch (dice.below(60)) {
            case 0 -> new Route("/", "missing", "a");
            case 1 -> new Route("/", "amq.schedule", "");
            case 2 -> new Route("/", "", DirectReplyTo.name("t" + dice.below(TOKENS)));
            case 3 -> new Route("/", "", "nowhere");
            default -> new Route("/", log.exchange(dice), ExchangeSteps.routingKey(dice));
        };
    }

    private List<Route> routes(Dice dice) {
        List<Route> routes = new ArrayList<>();
        for (int n = dice.below(4); n >= 0; n--) {
            routes.add(route(dice));
        }
        return routes;
    }

    /** Who published it is known, as of what front ends send. */
    private static Origins origins(Clients.Channel c, int messages) {
        ByteWriter w =
                new ByteWriter(16).varint(1).varint(c.connection().number()).varint(c.number());
        w.varint(1).varint(messages).varint(0);
        return new Origins(new ByteReader(w.toBytes()), c.connection().node());
    }

    private Publish messages(int count, Clients.Channel from, Dice dice) {
        List<Route> routes = routes(dice);
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < count; i++) {
            messages.add(w, dice.oneIn(3) ? dice.below(routes.size()) : i * routes.size() / count, dice);
        }
        Origins origins = from == null ? Origins.NONE : origins(from, count);
        return new Publish(routes, w.array(), 0, w.size(), 0, origins);
    }

    private void publish(ConnectionId c, Dice dice) {
        int count = 1 + (dice.oneIn(4) ? dice.below(14) : dice.below(4));
        log.entry(c, messages(count, channel(c, dice), dice));
    }

    /** A body in parts. Some messages never follow, of some a part is missing. */
    private void upload(ConnectionId c, Dice dice) {
        long upload = log.clients().newUpload();
        byte[] part = new ByteWriter().int64(messages.next()).int64(0).toBytes();
        int parts = 1 + dice.below(3);
        for (int i = 0; i < parts; i++) {
            log.entry(c, new BodyPart(c, upload, part, 0, part.length));
        }
        if (dice.oneIn(6) || !log.clients().connections.contains(c)) {
            return;
        }
        ByteWriter w = new ByteWriter();
        long bytes = (long) parts * part.length + (dice.oneIn(10) ? 1 : 0);
        messages.addExternal(w, 0, upload, bytes, dice);
        Origins origins = origins(channel(c, dice), 1);
        Publish p = new Publish(List.of(route(dice)), w.array(), 0, w.size(), 0, origins);
        if (dice.oneIn(5)) {
            transaction(channel(c, dice), p, dice);
        } else {
            log.entry(c, p);
        }
    }

    private void transaction(ConnectionId c, Dice dice) {
        transaction(channel(c, dice), messages(dice.below(8), null, dice), dice);
    }

    private void transaction(Clients.Channel channel, Publish p, Dice dice) {
        List<Settle> settles = new ArrayList<>();
        for (Clients.Taker t : log.clients().of(channel.connection(), channel.number())) {
            if (!t.has.isEmpty() && dice.oneIn(2)) {
                settles.add(ConsumerSteps.some(t, dice));
            }
        }
        if (!settles.isEmpty() && dice.oneIn(12)) { // something of it is not held any more
            Settle s = settles.get(0);
            log.entry(channel.connection(), new Settle(s.holder(), Settle.Outcome.ACK, s.ranges()));
        }
        settles.forEach(s -> log.clients().takers.get(s.holder()).has.removeIf(seq -> covers(s, seq)));
        Publish quiet = new Publish(p.routes(), p.bytes(), p.offset(), p.end(), p.first(), Origins.NONE);
        ConnectionId c = channel.connection();
        Reply r = log.entry(c, new CommitTx(c, channel.number(), settles, quiet));
        if (r instanceof Reply.Rejected) {
            log.clients().end(channel);
        }
    }

    private static boolean covers(Settle s, long seq) {
        for (int i = 0; i < s.ranges().length; i += 2) {
            if (s.ranges()[i] <= seq && seq <= s.ranges()[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private void callOff(ConnectionId c, Dice dice) {
        List<BrokerView.ScheduledView> all = log.machine().scheduled(null, 10).items();
        if (all.isEmpty()) {
            return;
        }
        BrokerView.ScheduledView s = dice.of(all);
        String id = dice.oneIn(2) ? s.id() : "";
        log.entry(c, new CallOff("/", id, s.due(), s.number() + (dice.oneIn(8) ? 1 : 0)));
    }

    /** A message of an operator, which may take another's place; its time may be over. */
    private void schedule(ConnectionId c, Dice dice) {
        if (log.machine().level() >= ScheduleMessage.LEVEL) {
            long due = log.machine().clock() + dice.below(400) - 20;
            log.entry(c, new ScheduleMessage(route(dice), "job" + dice.below(3), due, messages.kept(dice)));
        }
    }

    private void replies(ConnectionId c, Dice dice) {
        Clients.Channel channel = channel(c, dice);
        if (!handedOver.isEmpty() && dice.oneIn(3)) {
            DropUpload d = handedOver.remove(0);
            if (log.clients().connections.contains(d.connection())) {
                log.entry(d.connection(), d);
            }
        } else {
            String token = dice.oneIn(3) ? "" : "t" + dice.below(TOKENS);
            log.entry(c, new ConsumeReplies(c, channel.number(), token));
        }
    }

    /** The receiver of a direct reply has its body, and drops it some time. */
    void handedOver(ConnectionId to, long upload) {
        if (upload != 0) {
            handedOver.add(new DropUpload(to, upload));
        }
    }
}
