package io.tallymq.amqp.delivery;

import io.tallymq.amqp.filter.FilterReader;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.broker.effect.Delivery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A consumer of a channel, from basic.consume to basic.cancel-ok. Event loop only. */
final class ConsumerState {
    /** Where it stands. */
    enum Phase {
        SUBSCRIBING,
        ACTIVE,
        CANCELLING
    }

    private final String tag;
    private final String queue;
    private final byte[] tagOctets;
    private final boolean noAck;
    private final int window;
    /** Messages that the client may have unsettled; 0 for no limit. */
    private int prefetch;
    /** Assigned and held back until the client settles some of what it has, in order. */
    private final ArrayDeque<Pending.ForConsumer> heldBack = new ArrayDeque<>();

    private Phase phase = Phase.SUBSCRIBING;
    private Holding holder;
    private Runnable onceSubscribed;
    private int uncredited;
    private boolean started;
    private boolean watched;
    private boolean takingBack;
    private boolean gaveBack;
    private boolean askedBack;
    /** Null for what is no stream. */
    private StreamReader reader;
    /** Null for one that has no filter. */
    private FilterReader filter;
    /** Messages that came before consume-ok was written. */
    private List<Delivery> early = List.of();

    /**
     * @param queue its name
     * @param prefetch messages that the client may have unsettled; 0 for no limit
     * @param window messages on their way when the consumer has acks but no prefetch; 0 for all others
     */
    ConsumerState(String tag, String queue, boolean noAck, int prefetch, int window) {
        this.queue = queue;
        this.prefetch = noAck ? 0 : prefetch;
        this.tag = tag;
        this.tagOctets = tag.getBytes(StandardCharsets.UTF_8);
        this.noAck = noAck;
        this.window = window;
    }

    String tag() {
        return tag;
    }

    String queue() {
        return queue;
    }

    byte[] tagOctets() {
        return tagOctets;
    }

    boolean isNoAck() {
        return noAck;
    }

    Phase phase() {
        return phase;
    }

    /** The broker's number; null while subscribing. */
    Holding holder() {
        return holder;
    }

    void subscribed(Holding number) {
        holder = number;
        if (phase == Phase.SUBSCRIBING) {
            phase = Phase.ACTIVE;
        }
        if (onceSubscribed != null) {
            onceSubscribed.run();
            onceSubscribed = null;
        }
    }

    boolean isStarted() {
        return started;
    }

    /** Keeps a delivery until consume-ok is written. Those of another holder are dropped then. */
    void early(Delivery delivery) {
        if (early.isEmpty()) {
            early = new ArrayList<>();
        }
        early.add(delivery);
    }

    /** Messages that the client may have unsettled, from now on; 0 for no limit. */
    void limit(int messages) {
        prefetch = messages;
    }

    /** It reads a stream. */
    void reads(StreamReader stream) {
        reader = stream;
    }

    /** Null for what is no stream. */
    StreamReader reader() {
        return reader;
    }

    /** It has a filter. */
    void filters(FilterReader by) {
        filter = by;
    }

    /** Null for one that has no filter. */
    FilterReader filter() {
        return filter;
    }

    /** consume-ok was written; returns what came before. */
    List<Delivery> start() {
        started = true;
        List<Delivery> kept = early;
        early = List.of();
        return kept.stream()
                .filter(delivery -> delivery.holder() == holder.number())
                .toList();
    }

    /** Begins to cancel, as soon as the broker's number is known. */
    void cancel(Runnable submit) {
        phase = Phase.CANCELLING;
        if (holder != null) {
            submit.run();
        } else {
            onceSubscribed = submit;
        }
    }

    /**
     * It is being cancelled, and something that waited went back: what waits behind that does, too. Else the client would be sent what comes
     * after a gap: the reader of a stream would never know of it, and of a group somebody else would get what came before.
     */
    void gaveBack() {
        gaveBack = true;
    }

    /** How many messages may be written to the client now. */
    int room() {
        if (gaveBack) {
            return 0;
        }
        if (prefetch == 0) {
            return Integer.MAX_VALUE;
        }
        return heldBack.isEmpty() ? prefetch - holder.outstanding() : 0;
    }

    /** The client has as many unsettled messages as it may have: the rest waits, and what comes after it. */
    void holdBack(Pending.ForConsumer messages, Runnable resume) {
        if (heldBack.isEmpty()) {
            holder.onSettled(resume);
        }
        heldBack.add(messages);
    }

    /** What the broker assigned to it goes back: it gave all back that was not sent, and has not heard yet that this is done. */
    boolean isTakingBack() {
        return takingBack;
    }

    void takingBack(boolean now) {
        takingBack = now;
    }

    /** Others wait for what it was assigned ahead. */
    boolean isAskedBack() {
        return askedBack;
    }

    void askedBack(boolean now) {
        askedBack = now;
    }

    boolean holdsBack() {
        return !heldBack.isEmpty();
    }

    /** Somebody looks whether what is held back moves. Returns false if somebody does already. */
    boolean beginWatch() {
        boolean first = !watched;
        watched = true;
        return first;
    }

    void endWatch() {
        watched = false;
    }

    /** Takes what was held back, the last first. */
    Pending.ForConsumer takeLastHeldBack() {
        return heldBack.pollLast();
    }

    /** What was held back is gone. */
    void dropHeldBack() {
        heldBack.clear();
    }

    /** Counts written messages; above 0 if it is time to tell the broker that so many more may come. */
    int creditFor(int written) {
        if (window == 0) {
            return 0;
        }
        uncredited += written;
        if (uncredited < (window + 3) / 4) {
            return 0;
        }
        int credit = uncredited;
        uncredited = 0;
        return credit;
    }
}
