package io.tallymq.broker.processing;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.ids.IdSet;
import io.tallymq.broker.ids.IdText;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.ids.Kept;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.receipts.Outcome;
import io.tallymq.broker.receipts.Producer;
import io.tallymq.broker.receipts.Producers;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.IdSettings;
import io.tallymq.broker.spec.ClaimedPlace;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What is wanted of producers beside publishing: that a publish never comes, that those before him publish as him no more. */
public final class ReceiptCommands {
    private final Producers producers;
    private final Connections connections;
    private final Named named;
    private final Ids ids;
    private final Topology topology;
    private final VhostRules vhosts;
    private final AccessState access;
    private final LongSupplier newNumber;
    private final IntSupplier level;

    public ReceiptCommands(
            Producers producers,
            Connections connections,
            Named named,
            Ids ids,
            Topology topology,
            VhostRules vhosts,
            AccessState access,
            LongSupplier newNumber,
            IntSupplier level) {
        this.ids = ids;
        this.topology = topology;
        this.newNumber = newNumber;
        this.producers = producers;
        this.connections = connections;
        this.named = named;
        this.vhosts = vhosts;
        this.access = access;
        this.level = level;
    }

    /** Refused if it was stored. */
    public Reply makeVoid(VoidPublish v, Stamp entry) {
        Reply.Rejected refusal = refusal(v.vhost(), v.producer(), entry.time());
        if (refusal != null) {
            return refusal;
        }
        Producer known = producers.look(v.vhost(), v.producer());
        if (known == null ? producers.mayHaveLost(v.vhost()) : known.isUnsure() && !known.isDecided(v.seq())) {
            return Reply.precondition(
                    Reply.Reason.TOO_OLD,
                    "producer '" + v.producer() + "' may be one of those of its virtual host that were forgotten"
                            + " altogether: whether number " + v.seq()
                            + " came before that is not known any more, so it can't be made void");
        }
        if (known != null && Producer.isTooFar(v.seq(), known.last())) {
            return Producer.tooFar(v.producer(), v.seq(), known.last());
        }
        Producer p = producer(v.vhost(), v.producer(), entry);
        if (p.isForgotten(v.seq())) {
            return Reply.precondition(
                    Reply.Reason.TOO_OLD,
                    "number " + v.seq() + " of producer '" + v.producer() + "' is too old: its last one is " + p.last()
                            + ", whether this one came before is not known any more, and it can't come now");
        }
        if (p.isDecided(v.seq())) {
            return p.isVoid(v.seq())
                    ? Reply.OK
                    : Reply.precondition(
                            Reply.Reason.IN_USE,
                            "number " + v.seq() + " of producer '" + v.producer() + "' came before: it is stored");
        }
        named.decided(0, p, v.seq(), Outcome.VOID);
        named.finish(entry);
        note("publish.void", v.vhost(), v.producer(), ", number " + v.seq(), v.by(), v.from(), entry);
        return Reply.OK;
    }

    /** The same of an id: as long as its exchange remembers it. */
    public Reply makeVoid(VoidId v, Stamp entry) {
        if (level.getAsInt() < VoidPublish.LEVEL) {
            return Reply.belowLevel("ids are known", VoidPublish.LEVEL, level.getAsInt());
        }
        Exchange x = topology.exchange(v.vhost(), v.exchange());
        IdSet set = x == null ? null : ids.of(x.number());
        if (set == null) {
            return Reply.notFound("no exchange '" + v.exchange() + "' that remembers ids (policy dedup-id) in vhost '"
                    + v.vhost() + "'");
        }
        if (!IdText.isId(v.id())) {
            return Reply.precondition(
                    Reply.Reason.INVALID_ARGUMENT, "id: a text of 1 to " + IdText.MOST_BYTES + " bytes expected");
        }
        byte[] id = IdText.octets(v.id());
        Kept k = ids.find(set, id);
        if (ids.isKnown(set, k, entry.time())) {
            return k.isVoid()
                    ? Reply.OK
                    : Reply.precondition(
                            Reply.Reason.IN_USE,
                            "id '" + v.id() + "' of exchange '" + v.exchange() + "' came before: it is stored");
        }
        if (!ids.hasRoom(set)) {
            return new Reply.Rejected(506, Reply.Reason.LIMIT, StateLimits.text("ids", IdSettings.MOST));
        }
        ids.add(set, id, ids.hash(set, id), entry, 0, true);
        if (!v.by().isEmpty()) {
            String what = "exchange '" + v.exchange() + "' in vhost '" + v.vhost() + "'";
            access.noteAgain(entry.time(), v.by(), v.from(), "publish.void", what, ", id '" + v.id() + "'");
        }
        return Reply.OK;
    }

    /** Who came before is closed and refused. */
    public Reply fence(FenceProducer f, Stamp entry, Effects effects) {
        Reply.Rejected refusal = refusal(f.vhost(), f.producer(), entry.time());
        if (refusal != null) {
            return refusal;
        }
        Producer p = producer(f.vhost(), f.producer(), entry);
        fence(p, newNumber.getAsLong(), effects);
        note("producer.fence", f.vhost(), f.producer(), "", f.by(), f.from(), entry);
        return new Reply.Fenced(p.epoch());
    }

    /** In the list of what was changed, if a user asked for it by hand: the last one of each producer, for programs may do it all day. */
    private void note(String what, String vhost, String id, String rest, String by, String from, Stamp entry) {
        if (!by.isEmpty()) {
            access.noteAgain(entry.time(), by, from, what, "producer '" + id + "' in vhost '" + vhost + "'", rest);
        }
    }

    /** Why a connection that takes a producer's place, or says of which epoch it is, may not be opened; null when it may, or says nothing. */
    public Reply.Rejected refusal(OpenConnection open, Stamp entry) {
        ClaimedPlace place = claimed(open);
        if (place.isEmpty()) {
            return null;
        }
        if (place.problem() != null) {
            return Reply.notAllowed(place.problem());
        }
        String vhost = open.info().vhost();
        String id = (String) place.producer();
        return place.isTaken() ? refusal(vhost, id, entry.time()) : fenced(vhost, id, place.epochOf(id));
    }

    /** Why a connection of an epoch comes too late; null if it does not. */
    private Reply.Rejected fenced(String vhost, String id, long epoch) {
        Producer p = producers.look(vhost, id);
        return p == null || epoch >= p.epoch()
                ? null
                : new Reply.Rejected(
                        530,
                        Reply.Reason.FENCED,
                        "another connection took the place of producer '" + id + "' (epoch " + p.epoch()
                                + "): one of epoch " + epoch + " may not publish as it any more");
    }

    /** A connection was opened by this entry: it takes the place of a producer if it wants to. */
    public void opened(OpenConnection open, Stamp entry, Effects effects) {
        ClaimedPlace place = claimed(open);
        if (place.isEmpty()) {
            return;
        }
        String vhost = open.info().vhost();
        String id = (String) place.producer();
        long opening = connections.openedAt(open.connection());
        if (place.isTaken()) {
            fence(producer(vhost, id, entry), opening, effects);
        }
        Producer p = producers.find(vhost, id);
        if (p != null) {
            producers.used(p, entry.index(), entry.time(), new Producer.By(open.connection(), opening));
        }
    }

    private ClaimedPlace claimed(OpenConnection open) {
        return ClaimedPlace.of(level.getAsInt() < VoidPublish.LEVEL ? null : open.info());
    }

    private Reply.Rejected refusal(String vhost, String id, long now) {
        if (level.getAsInt() < VoidPublish.LEVEL) {
            return Reply.belowLevel("producers are known", VoidPublish.LEVEL, level.getAsInt());
        }
        Reply.Rejected refusal = vhosts.refusal(vhost);
        if (refusal != null) {
            return refusal;
        }
        return producers.find(vhost, id) != null ? null : producers.refusal(vhost, now);
    }

    private Producer producer(String vhost, String id, Stamp entry) {
        Producer p = producers.find(vhost, id);
        if (p == null) {
            return producers.add(vhost, id, entry.index(), entry.time());
        }
        producers.used(p, entry.index(), entry.time(), null);
        return p;
    }

    private void fence(Producer p, long at, Effects effects) {
        for (Producer.By by : producers.fence(p, at)) {
            if (connections.openedAt(by.connection()) == by.opened()) {
                effects.connectionForced(
                        by.connection(),
                        "another connection took the place of producer '" + p.id() + "' (epoch " + p.epoch() + ")");
            }
        }
    }
}
