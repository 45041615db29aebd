package io.tallymq.broker.logs;

import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.logs.FeatureOp.Kind;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Queues come, change and go. */
final class QueueSteps implements Steps {
    private final Log log;

    QueueSteps(Log log) {
        this.log = log;
    }

    @Override
    public Map<Kind, Step> kinds() {
        return Map.of(
                Kind.DECLARE_QUEUE, this::declare,
                Kind.ALTER, this::alter,
                Kind.DELETE_QUEUE, this::delete,
                Kind.PURGE, this::purge,
                Kind.PAUSE, this::pause);
    }

    private static Clients.Channel channel(ConnectionId c, Dice dice) {
        return new Clients.Channel(c, dice.below(Clients.CHANNELS));
    }

    private void declare(ConnectionId c, Dice dice) {
        QueueSpec spec = QueueShapes.any(dice);
        List<BrokerView.QueueInfo> there = log.machine().queues();
        String name = QueueShapes.name(dice);
        for (int i = 0; i < QueueShapes.QUEUES && dice.below(9) > 0 && isThere(there, name); i++) {
            name = "q" + i;
        }
        if (dice.oneIn(8) && !there.isEmpty()) { // the same again
            BrokerView.QueueInfo q = dice.of(there);
            name = q.name();
            spec = q.spec();
        }
        DeclareQueue d = new DeclareQueue(c, "/", name, spec, dice.oneIn(12));
        if (dice.oneIn(4)) {
            log.onChannel(channel(c, dice), d);
        } else {
            log.entry(c, d);
        }
    }

    private static boolean isThere(List<BrokerView.QueueInfo> queues, String name) {
        return queues.stream().anyMatch(q -> q.name().equals(name));
    }

    private void alter(ConnectionId c, Dice dice) {
        List<BrokerView.QueueInfo> there = log.machine().queues();
        if (there.isEmpty()) {
            return;
        }
        BrokerView.QueueInfo q = dice.of(there);
        QueueSpec to = QueueShapes.any(dice);
        Map<String, Object> a = new TreeMap<>(to.arguments().values());
        a.put("x-alter", true);
        if (!dice.oneIn(4)) { // what can't change stays
            for (String fixed : List.of("x-max-priority", "x-last-value", "x-single-active-consumer")) {
                a.remove(fixed);
                Object now = q.spec().arguments().get(fixed);
                if (now != null) {
                    a.put(fixed, now);
                }
            }
            to = new QueueSpec(
                    q.spec().durable(), q.spec().exclusive(), q.spec().autoDelete(), Arguments.NONE);
        }
        QueueSpec spec = new QueueSpec(to.durable(), to.exclusive(), to.autoDelete(), new Arguments(a));
        log.entry(c, new DeclareQueue(c, "/", q.name(), spec, false));
    }

    private void delete(ConnectionId c, Dice dice) {
        log.entry(c, new DeleteQueue(c, "/", log.queue(dice), dice.oneIn(3), dice.oneIn(3)));
    }

    /** Most of those that are paused go on soon. */
    private void pause(ConnectionId c, Dice dice) {
        if (log.machine().level() >= PauseQueue.LEVEL) {
            List<String> paused = log.machine().queues().stream()
                    .filter(BrokerView.QueueInfo::paused)
                    .map(BrokerView.QueueInfo::name)
                    .toList();
            boolean on = paused.isEmpty() || dice.oneIn(3);
            log.entry(c, new PauseQueue("/", on ? log.queue(dice) : dice.of(paused), on));
        }
    }

    private void purge(ConnectionId c, Dice dice) {
        log.entry(c, new PurgeQueue(c, "/", log.queue(dice)));
    }
}
