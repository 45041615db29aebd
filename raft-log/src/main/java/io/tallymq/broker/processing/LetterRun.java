package io.tallymq.broker.processing;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.queue.Death;
import io.tallymq.broker.queue.Lanes;
import io.tallymq.broker.queue.PublishRun;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Some dead letters of one queue, made into what is published on their way. */
final class LetterRun {
    private final QueueSettings.DeadLetter to;
    private final Map<Route, Integer> routes = new LinkedHashMap<>();
    private final ByteWriter records = new ByteWriter(1024);
    private final long firstSeq;
    private final boolean atLeastOnce;

    /** As many letters as are not too many bytes, at least one. */
    LetterRun(Queue q, Lanes.DeadRun dead, ChunkBody body, long time) {
        to = q.settings().deadLetter();
        firstSeq = dead.chunk().firstSeq() + dead.from();
        atLeastOnce = to.atLeastOnce();
        for (int i = dead.from(); i < dead.to() && records.size() < DeadLettering.RUN_BYTES; i++) {
            add(q, body.bytes(), body.at(i), body.route(i), dead.why(), time);
        }
    }

    /** A message that did not come in. */
    LetterRun(Queue q, PublishRun from, int i, Death why, long time) {
        to = q.settings().deadLetter();
        firstSeq = q.lanes().tail();
        atLeastOnce = false;
        add(q, from.bytes(), from.at(i), from.table()[from.route(i)], why, time);
    }

    private void add(Queue q, byte[] bytes, int at, Route was, Death why, long time) {
        boolean newKey = to.routingKey() != null;
        Route next = new Route(was.vhost(), to.exchange(), newKey ? to.routingKey() : was.routingKey());
        int route = routes.computeIfAbsent(next, r -> routes.size());
        DeadLetter.write(records, bytes, at, was, q.name(), why.reason(), time, route, newKey);
    }

    Publish publish() {
        List<Route> table = new ArrayList<>(routes.keySet());
        return new Publish(table, records.toBytes(), 0, records.size(), 0, Origins.NONE);
    }

    /** The number that letter {@code i} has in its queue. */
    long seq(int i) {
        return firstSeq + i;
    }

    boolean atLeastOnce() {
        return atLeastOnce;
    }
}
