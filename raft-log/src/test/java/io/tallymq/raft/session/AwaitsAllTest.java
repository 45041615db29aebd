package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a publisher hears of publishes that all members have to have. */
@Timeout(60)
class AwaitsAllTest {
    private static final int QUEUES = 20;
    private static final int MESSAGES = 200;

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch confirmed = new CountDownLatch(2);

    private final class Publisher extends Deaf {
        @Override
        public void awaitsAll(int channel, long first, long last) {
            for (long seq = first; seq <= last; seq++) {
                heard.add(channel + " " + seq);
            }
        }

        @Override
        public void confirmed(int channel, long seq) {
            if (seq == MESSAGES / 2) {
                confirmed.countDown();
            }
        }
    }

    /** Memory of the publisher's node would hold one for each message and queue: of two channels in turn, of one entry and a thousand queues, gigabytes. */
    @Test
    void eachPublishIsToldOnceHoweverManyQueuesWantIt() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", new MemoryStore());
                Client c = new Client(broker)) {
            while (broker.level() < BrokerMachine.LEVELS.max()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            c.open();
            ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
            Client.expect(Reply.Ok.class, c.call(new DeclareExchange("/", "all", fanout, false)));
            Arguments byAll = new Arguments(new TreeMap<>(Map.of("x-confirm", "all")));
            for (int i = 0; i < QUEUES; i++) {
                QueueSpec spec = new QueueSpec(true, false, false, byAll);
                c.call(new DeclareQueue(c.session.id(), "/", "q" + i, spec, false));
                BindingKey key = new BindingKey("all", "q" + i, "", Arguments.NONE);
                c.call(new BindQueue(c.session.id(), "/", key, true));
            }
            ExecutorService loop = Executors.newSingleThreadExecutor();
            Session s = broker.connect("/", new Publisher(), loop);
            Session.PublishTarget to = new Session.PublishTarget("/", "all", "", false);
            broker.hold();
            loop.submit(() -> {
                        for (int i = 0; i < MESSAGES; i++) {
                            s.publish(1 + i % 2, 1 + i / 2, to, Client.content("m"));
                        }
                    })
                    .get();
            broker.release();
            confirmed.await();
            loop.shutdown();
            assertEquals(MESSAGES, heard.size());
            List<String> each = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                each.add(1 + i % 2 + " " + (1 + i / 2));
            }
            assertEquals(
                    each.stream().sorted().toList(), heard.stream().sorted().toList());
        }
    }
}
