package io.tallymq.broker.effect;

import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.view.BrokerView;
import java.util.Map;

/** What the submitter of a command learns once it is applied. Refusals are values; a bug is a crash. */
public sealed interface Reply {
    /** Done, nothing to tell. */
    record Ok() implements Reply {}

    /** exchange.declare-ok of one that is only asked for, and is internal: clients may not publish to it. */
    record Internal() implements Reply {}

    /**
     * queue.declare-ok.
     *
     * @param queue the name, also when the server made it
     * @param messages ready messages
     * @param consumers consumers that are not cancelled
     */
    record QueueDeclared(String queue, long messages, int consumers) implements Reply {}

    /** queue.delete-ok and queue.purge-ok: how many ready messages went. */
    record Removed(long messages) implements Reply {}

    /**
     * basic.consume-ok.
     *
     * @param consumer the number that settles and credits name from now on
     * @param stream where it begins to read; null for what is no stream
     * @param filtered the number of its queue, if it takes by itself what its filter matches; else 0
     */
    record Subscribed(long consumer, StreamStart stream, long filtered) implements Reply {
        public Subscribed(long consumer) {
            this(consumer, null, 0);
        }
    }

    /**
     * What a consumer with a filter took.
     *
     * @param messages how many
     * @param undecided the first of those it named about which nothing was decided; -1: all were taken, or are not to be had
     * @param why there are such
     */
    record Taken(int messages, long undecided, Stop why) implements Reply {
        /** The consumer is gone. */
        public static final Taken NOTHING = new Taken(0, -1, Stop.NONE);
    }

    /**
     * Messages were moved from one queue to another.
     *
     * @param undecided the first of those named about which nothing was decided; -1: all were moved, refused, or are not to be had
     * @param refused how many stay, by why
     * @param stuck why the first undecided one can't be moved, as things are: asking again is in vain; null if it may be
     */
    record Redriven(int moved, long undecided, Map<String, Long> refused, String stuck) implements Reply {
        public Redriven(int moved, long undecided, Map<String, Long> refused) {
            this(moved, undecided, refused, null);
        }
    }

    /** Why a consumer could not take more. */
    enum Stop {
        NONE,
        /** It has all that it may have. */
        CREDIT,
        /** The queue has messages to give back first, or the entry was full: it may try again. */
        BUSY,
        /** The queue's messages are in too many pieces already, and what others left has to go first; or it is paused. */
        FULL
    }

    /**
     * basic.get-ok. The message is held by {@code holder} until it is settled, also when the client asked for no-ack:
     * then the channel settles it once it is written.
     *
     * @param holder who holds it, for {@link Settle}
     * @param delivery the one message
     * @param remaining messages still ready in the queue
     */
    record Got(long holder, Delivery delivery, long remaining) implements Reply {}

    /** basic.get-empty. */
    record Empty() implements Reply {}

    /** A part of a body is stored; readers find it under this number. */
    record Uploaded(long shared) implements Reply {}

    /** The answer to a {@link Probe}: where the replica stood. The digest is 0 when {@link BrokerView#recentDigests} will have it. */
    record Probed(long index, long digest) implements Reply {}

    /** A policy is set: a new one, or in the place of one of its name. */
    record PolicySet(boolean isNew) implements Reply {}

    /** An operator's message waits for its time. {@code isNew}: there was none of its id. */
    record Scheduled(boolean isNew) implements Reply {}

    /** What an administrator wanted is done. {@code isNew}: there was none of that name. */
    record Changed(boolean isNew) implements Reply {}

    /** A producer's place was taken: by the one who says that he is of this epoch. */
    record Fenced(long epoch) implements Reply {}

    /** Nothing was done, and nobody is told: the channel had ended before, see {@link OnChannel}. */
    record Ignored() implements Reply {}

    /**
     * Refused, and nothing was changed.
     *
     * @param code the AMQP reply code; its hardness says whether the channel or the connection closes
     * @param reason why, as a stable tag for machines
     * @param text what happened and what to do, without the {@code NAME - } prefix
     */
    record Rejected(int code, Reason reason, String text) implements Reply {}

    /** Why something was refused: stable, so that clients, metrics and receipts can count on it. */
    enum Reason {
        NOT_FOUND,
        ACCESS_REFUSED,
        RESOURCE_LOCKED,
        INEQUIVALENT,
        IN_USE,
        NOT_EMPTY,
        INVALID_ARGUMENT,
        NOT_IMPLEMENTED,
        NOT_ALLOWED,
        LIMIT,
        UNROUTABLE,
        FENCED,
        INTERNAL,
        /** A publish has a number that is not known any more. */
        TOO_OLD,
        /** A publish has a number that is far above all of its producer's. */
        TOO_FAR,
        /** A publish may never come: its number was made void. */
        VOID,
        /** A publish has a condition, which is not met. */
        CONDITION;

        /** Whether a publish that is refused for this is its client's mistake, which ends the channel; else it is a nack. */
        public boolean endsPublisher() {
            return switch (this) {
                case NOT_FOUND,
                        ACCESS_REFUSED,
                        RESOURCE_LOCKED,
                        INEQUIVALENT,
                        INVALID_ARGUMENT,
                        NOT_IMPLEMENTED,
                        NOT_ALLOWED -> true;
                case IN_USE, NOT_EMPTY, LIMIT, UNROUTABLE, FENCED, INTERNAL, TOO_OLD, TOO_FAR, VOID, CONDITION -> false;
            };
        }

        /** Whether it is for what the publish itself says of when it may come: its name, its epoch or a condition. Nobody says that and wants no answer. */
        public boolean isOfTerms() {
            return switch (this) {
                case FENCED, TOO_OLD, TOO_FAR, VOID, CONDITION -> true;
                default -> false;
            };
        }
    }

    Ok OK = new Ok();
    Empty EMPTY = new Empty();
    Internal INTERNAL = new Internal();
    Ignored IGNORED = new Ignored();

    static Rejected notFound(String text) {
        return new Rejected(404, Reason.NOT_FOUND, text);
    }

    static Rejected accessRefused(String text) {
        return new Rejected(403, Reason.ACCESS_REFUSED, text);
    }

    static Rejected locked(String text) {
        return new Rejected(405, Reason.RESOURCE_LOCKED, text);
    }

    /** @param resource the queue as texts name it */
    static Rejected lockedQueue(String resource) {
        return locked("cannot obtain exclusive access to locked " + resource
                + ". It could be originally declared on another connection or the exclusive property value does not match"
                + " that of the original declaration.");
    }

    static Rejected precondition(Reason reason, String text) {
        return new Rejected(406, reason, text);
    }

    /** A limit of the replicated state is reached; RabbitMQ answers the same for its own. */
    static Rejected limit(StateLimits limits, StateLimit limit) {
        return limit(limit.text(), limits.of(limit));
    }

    /** The same of what has a limit of its own. */
    static Rejected limit(String what, int limit) {
        return new Rejected(406, Reason.LIMIT, StateLimits.text(what, limit));
    }

    static Rejected notAllowed(String text) {
        return new Rejected(530, Reason.NOT_ALLOWED, text);
    }

    static Rejected notImplemented(String text) {
        return new Rejected(540, Reason.NOT_IMPLEMENTED, text);
    }

    /**
     * Not yet: what comes with a level that the cluster does not have.
     *
     * @param what it is, with its verb: "users are known"
     * @param needed the level it comes with
     * @param level the cluster's
     */
    static Rejected belowLevel(String what, int needed, int level) {
        return notImplemented(what + " in clusters of level " + needed + ", and this one is of level " + level
                + ": try again when all its nodes are up and run this version");
    }
}
