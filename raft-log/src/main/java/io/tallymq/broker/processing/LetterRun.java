package io.tallymq.broker.processing;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueLog;
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

    /** As many letters as are not too many bytes, at least one. */
    LetterRun(Queue q, QueueLog.DeadRun dead, ChunkBody body, long time) {
        to = q.settings().deadLetter();
        firstSeq = dead.chunk().firstSeq() + dead.from();
        for (int i = dead.from(); i < dead.to() && records.size() < DeadLettering.RUN_BYTES; i++) {
            Route was = body.route(i);
            Route next =
                    new Route(was.vhost(), to.exchange(), to.routingKey() == null ? was.routingKey() : to.routingKey());
            int route = routes.computeIfAbsent(next, r -> routes.size());
            DeadLetter.write(
                    records,
                    body.bytes(),
                    body.at(i),
                    was,
                    q.name(),
                    dead.why().reason(),
                    time,
                    route,
                    to.routingKey() != null);
        }
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
        return to.atLeastOnce();
    }
}
