package io.tallymq.admin.definitions;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.Vhost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The queues of a file, each with the type that it is to have. RabbitMQ tells the type beside the arguments, too. A queue that is declared
 * without the argument gets the default type of its virtual host, which the file may give it further on: so a classic one says what it is where
 * there is such a default, and nowhere else, for there it was declared without.
 */
final class QueueTypes {
    private static final String CLASSIC = "classic";
    private static final String SERVER_NAMED = "amq.gen-";

    /** @param type as the row tells it; empty for none */
    record Read(String vhost, String name, QueueSpec spec, String type) {
        private Read typed() {
            Map<String, Object> arguments = new TreeMap<>(spec.arguments().values());
            arguments.put(ArgumentTable.QUEUE_TYPE, type);
            var all = new Arguments(arguments);
            return new Read(vhost, name, new QueueSpec(spec.durable(), false, spec.autoDelete(), all), type);
        }

        DeclareQueue declare(ConnectionId by) {
            return new DeclareQueue(by, vhost, name, spec, false, name.startsWith(SERVER_NAMED));
        }
    }

    private final AdminContext context;
    /** Of the virtual hosts in the file. */
    private final Map<String, String> defaults = new TreeMap<>();

    private final List<Read> queues = new ArrayList<>();

    QueueTypes(AdminContext context) {
        this.context = context;
    }

    /** @param defaultType empty for none */
    void vhost(String name, String defaultType) {
        defaults.put(name, defaultType);
    }

    void add(Read queue) {
        queues.add(queue);
    }

    /** All of them, once all of the file is read. */
    Stream<Read> queues() {
        return queues.stream().map(q -> saysItsType(q) ? q.typed() : q);
    }

    /** As the queue will be, with the type that it gets if it tells none. */
    QueueSpec whole(Read q) {
        boolean untyped = q.type.isEmpty() && q.spec.arguments().get(ArgumentTable.QUEUE_TYPE) == null;
        return untyped && getsAnother(q) ? new Read(q.vhost, q.name, q.spec, defaultOf(q.vhost)).typed().spec : q.spec;
    }

    private boolean saysItsType(Read q) {
        return !q.type.isEmpty()
                && q.spec.arguments().get(ArgumentTable.QUEUE_TYPE) == null
                && (!q.type.equals(CLASSIC) || getsAnother(q));
    }

    /** Only what lasts and is everybody's goes by the default. */
    private boolean getsAnother(Read q) {
        return q.spec.durable() && !q.spec.autoDelete() && !defaultOf(q.vhost).isEmpty();
    }

    private String defaultOf(String vhost) {
        Vhost there = context.access().vhost(vhost);
        return defaults.getOrDefault(vhost, there == null ? "" : there.spec().defaultQueueType());
    }
}
