package io.tallymq.broker.moving;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.Deaths;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.queue.DeadMessages;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayList;
import java.util.List;

/** Some dead letters of one queue, made into what is published on their way. */
final class LetterRun {
    private final QueueSettings.DeadLetter to;
    private final MovedMessages letters = new MovedMessages();
    private final List<Deaths> deaths = new ArrayList<>();
    private final long firstSeq;
    private final boolean atLeastOnce;

    /** As many letters as are not too many bytes, at least one. */
    LetterRun(Queue q, DeadMessages.Run dead, ChunkBody body, long time) {
        to = q.settings().deadLetter();
        firstSeq = dead.chunk().firstSeq() + dead.from();
        atLeastOnce = to.atLeastOnce();
        for (int i = dead.from(); i < dead.to() && letters.records.size() < DeadLettering.RUN_BYTES; i++) {
            HeaderOverlay overlay = q.overlay(dead.chunk().firstSeq() + i);
            add(q, body.bytes(), body.at(i), body.route(i), dead.why(), time, overlay);
        }
    }

    /** Messages that did not come in. */
    LetterRun(Queue q, PublishRun from, List<Integer> messages, Death why, long time) {
        to = q.settings().deadLetter();
        firstSeq = q.lanes().tail();
        atLeastOnce = false;
        for (int i : messages) {
            add(q, from.bytes(), from.at(i), from.table()[from.route(i)], why, time, null);
        }
    }

    private void add(Queue q, byte[] bytes, int at, Route was, Death why, long time, HeaderOverlay overlay) {
        boolean newKey = to.routingKey() != null;
        Route next = new Route(was.vhost(), to.exchange(), newKey ? to.routingKey() : was.routingKey());
        deaths.add(DeadLetter.write(
                letters.records, bytes, at, was, q.name(), why.reason(), time, letters.number(next), newKey, overlay));
    }

    Publish publish() {
        return letters.publish();
    }

    /** Where letter {@code i} has died. */
    Deaths deaths(int i) {
        return deaths.get(i);
    }

    /** The number that letter {@code i} has in its queue. */
    long seq(int i) {
        return firstSeq + i;
    }

    /** Of all letters. */
    int bytes() {
        return letters.records.size();
    }

    boolean atLeastOnce() {
        return atLeastOnce;
    }
}
